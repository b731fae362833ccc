using System.Text.Json;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>The fields that the endpoints of inputs share, while a body is read.</summary>
internal sealed class InputFields(InferenceEndpoint endpoint, FieldReader fields)
{
    private readonly ExtraFields _extra = new(fields);

    /// <summary>The model, or null where none is named.</summary>
    public string? Model { get; private set; }

    /// <summary>What the client says of itself.</summary>
    public CallerFields Caller { get; } = new(fields);

    /// <summary>Which nodes may serve it.</summary>
    public ProviderPreferences Provider { get; private set; } = ProviderPreferences.None;

    /// <summary>Reads every field of the body; those of the endpoint go to its own reader first.</summary>
    /// <param name="body">The body.</param>
    /// <param name="own">Answers whether the field was one of its own.</param>
    /// <returns>The fields that nobody knows, for an upstream.</returns>
    public ByteString Read(JsonElement body, Func<string, JsonElement, bool> own)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!FieldReader.Given(property.Value))
                continue;
            if (!own(property.Name, property.Value) && !Caller.TryRead(property.Name, property.Value) && !TryShared(property.Name, property.Value)
                && !UnservedFields.TryRead(endpoint, property.Name, property.Value, fields))
                _extra.Add(property.Name, property.Value);
            if (fields.Error is not null)
                return ByteString.Empty;
        }

        if (Provider.RequireParameters && _extra.Any)
            fields.Unsupported("provider.require_parameters", "the body has fields that Flotilla does not know, and no node can be known to serve those");
        return _extra.Close();
    }

    private bool TryShared(string name, JsonElement value)
    {
        switch (name)
        {
            case "model": Model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            case "provider": Provider = new ProviderReader(fields).Read(value); break;
            default: return false;
        }

        return true;
    }
}
