using System.Runtime.InteropServices;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Responses;

/// <summary>The items of kept responses by their ids, so that a request can name one instead of sending it again.</summary>
internal sealed class KeptItems(ResponseTable table)
{
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = OpenAiLimits.JsonDepthMax + 1 };

    /// <summary>The ids of a response's items, of its output and of its own input.</summary>
    public static IReadOnlyList<string> IdsOf(ResponseRow row)
    {
        using var body = JsonDocument.Parse(row.Body, Depth);
        using var input = JsonDocument.Parse(row.Input, Depth);
        return [.. Items(body, input).Select(IdOf).Where(id => id.Length <= OpenAiLimits.NameCharsMax).Distinct()];
    }

    /// <summary>The items that the namespace keeps, as JSON by their ids; those that it does not keep are missing.</summary>
    public Result<Dictionary<string, ReadOnlyMemory<byte>>> Find(NamespaceId owner, IReadOnlyList<string> ids)
    {
        var places = table.WithItems(owner, ids).GroupBy(p => p.Response, p => p.Item).ToDictionary(p => p.Key, p => p.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        if (table.BytesOf(owner, [.. places.Keys]) > StateLimits.ReferencedBytesMax)
        {
            return new ApiError(
                ApiErrorCode.InvalidValue,
                $"Invalid value for 'input': the items that it names are of responses of more than {StateLimits.ReferencedBytesMax} bytes together. Name fewer, or continue a response ('previous_response_id').", "input");
        }

        var found = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (response, wanted) in places)
        {
            // It may be deleted in between.
            if (table.Body(owner, response) is not { } body || table.Input(owner, response) is not { } input)
                continue;
            using var shown = JsonDocument.Parse(body, Depth);
            using var asked = JsonDocument.Parse(input, Depth);
            foreach (var item in Items(shown, asked).Where(i => wanted.Contains(IdOf(i))))
                found.TryAdd(IdOf(item), JsonMarshal.GetRawUtf8Value(item).ToArray());
        }

        return found;
    }

    private static IEnumerable<JsonElement> Items(JsonDocument body, JsonDocument input) =>
        body.RootElement.GetProperty("output").EnumerateArray().Concat(input.RootElement.EnumerateArray());

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;
}
