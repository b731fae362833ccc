using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What a client says of itself and of its users, in every dialect of OpenAI's: none of it is a node's business.</summary>
internal sealed class CallerFields(FieldReader fields)
{
    private readonly Dictionary<string, string> _metadata = [];
    private string? _user;
    private string? _safetyIdentifier;

    /// <summary>The end user's name, under the newer field where the older is missing.</summary>
    public string? User => _user ?? _safetyIdentifier;

    /// <summary>The client's own labels.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Whether the field is one of these; keeps a fault where its value is wrong.</summary>
    public bool TryRead(string name, JsonElement value)
    {
        switch (name)
        {
            case "user": _user = fields.Text(value, name, 0, OpenAiLimits.UserCharsMax); break;
            case "safety_identifier": _safetyIdentifier = fields.Text(value, name, 0, OpenAiLimits.IdentifierCharsMax); break;
            // A hint where to look for a cached prompt: nodes are chosen without it, and the answer is the same.
            case "prompt_cache_key": fields.Text(value, name, 0, OpenAiLimits.IdentifierCharsMax); break;
            case "metadata": ReadMetadata(value); break;
            // What the client says of itself to its server; a node's owner is not that.
            case "client_metadata": fields.Is(value, JsonValueKind.Object, name, "an object"); break;
            default: return false;
        }

        return true;
    }

    private void ReadMetadata(JsonElement value)
    {
        if (!fields.Is(value, JsonValueKind.Object, "metadata", "an object"))
            return;
        if (value.GetPropertyCount() > OpenAiLimits.MetadataMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'metadata': expected at most {OpenAiLimits.MetadataMax} entries, got {value.GetPropertyCount()}.", "metadata");
        foreach (var entry in value.EnumerateObject())
        {
            if (fields.Error is not null)
                return;
            if (entry.Name.Length > OpenAiLimits.MetadataKeyCharsMax)
                fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'metadata': expected keys of at most {OpenAiLimits.MetadataKeyCharsMax} characters, got {entry.Name.Length}.", "metadata");
            _metadata.Add(entry.Name, fields.Text(entry.Value, "metadata", 0, OpenAiLimits.MetadataValueCharsMax));
        }
    }
}
