using System.Text;
using System.Text.Json;

namespace Flotilla.Gateway.Tests.Outbound;

/// <summary>One request that a <see cref="Receiver"/> was sent.</summary>
internal sealed record Received(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Of a webhook's event: what happened.</summary>
    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Of a webhook's event: to what.</summary>
    public string DataId => Json.GetProperty("data").GetProperty("id").GetString()!;
}
