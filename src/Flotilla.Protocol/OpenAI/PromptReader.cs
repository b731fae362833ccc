using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads what may be a text, several texts, token ids or several lists of them.</summary>
/// <param name="fields">Keeps the faults.</param>
/// <param name="param">The field's name.</param>
/// <param name="countMax">How many there may be.</param>
internal sealed class PromptReader(FieldReader fields, string param, int countMax)
{
    private const string Expected = "a string, an array of strings, an array of token ids or an array of such arrays";

    /// <summary>Reads them all.</summary>
    public void Read(JsonElement value, RepeatedField<Prompt> prompts)
    {
        if (value.ValueKind == JsonValueKind.String)
            prompts.Add(new Prompt { Text = value.GetString()! });
        else if (!fields.Is(value, JsonValueKind.Array, param, Expected))
            return;
        else if (value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Number)
            prompts.Add(ReadTokens(value, param));
        else
            ReadSeveral(value, prompts);
    }

    private void ReadSeveral(JsonElement value, RepeatedField<Prompt> prompts)
    {
        foreach (var (item, index) in fields.Items(value, param, 1, countMax))
        {
            if (item.ValueKind == JsonValueKind.String)
                prompts.Add(new Prompt { Text = item.GetString()! });
            else if (fields.Is(item, JsonValueKind.Array, param, Expected))
                prompts.Add(ReadTokens(item, $"{param}[{index}]"));
        }
    }

    private Prompt ReadTokens(JsonElement value, string place)
    {
        var tokens = new TokenIds();
        foreach (var (item, index) in fields.Items(value, place, 1, OpenAiLimits.TokensMax))
        {
            // A million ids shall not make a million names of places.
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0)
                tokens.Ids.Add((uint)id);
            else
                fields.Integer(item, $"{place}[{index}]", 0, int.MaxValue);
        }

        return new Prompt { TokenIds = tokens };
    }
}
