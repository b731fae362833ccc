using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>An error as an OpenAI-compatible server tells it, in a body or in the middle of a stream.</summary>
/// <param name="Message">At most <see cref="Link.LinkLimits.MessageCharsMax"/> characters.</param>
/// <param name="Code">The server's code, as text of at most <see cref="Link.LinkLimits.NameCharsMax"/> characters.</param>
/// <param name="Param">The field at fault; as long.</param>
public sealed record UpstreamError(string Message, string? Code = null, string? Param = null)
{
    private const string Unreadable = "The upstream's error could not be read.";

    /// <summary>Reads the body of an answer that is not 200; whatever it is, an error comes out.</summary>
    public static UpstreamError Read(ReadOnlyMemory<byte> body)
    {
        if (JsonBody.TryParse(body, out var document) is not null)
            return new UpstreamError(Unreadable);
        using (document)
            return TryRead(document.RootElement, out var error) ? error! : new UpstreamError(Unreadable);
    }

    /// <summary>Reads the forms in use: {"error":{…}}, {"error":"…"}, {"message":…} beside "object":"error", and {"detail":"…"}.</summary>
    internal static bool TryRead(JsonElement value, out UpstreamError? error)
    {
        error = null;
        if (FieldReader.TryMember(value, "error", out var inner))
            error = inner.ValueKind == JsonValueKind.Object ? FromObject(inner) : new UpstreamError(Cut(Text(inner) ?? Unreadable));
        else if (FieldReader.TryMember(value, "object", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("error"u8))
            error = FromObject(value);
        else if (FieldReader.TryMember(value, "detail", out var detail))
            error = new UpstreamError(Cut(Text(detail) ?? Unreadable));
        return error is not null;
    }

    private static UpstreamError FromObject(JsonElement value) =>
        new(Cut(Member(value, "message") ?? Unreadable), Name(value, "code"), Name(value, "param"));

    private static string? Name(JsonElement value, string name) =>
        Member(value, name) is { } text ? UpstreamJson.Cut(text, Link.LinkLimits.NameCharsMax) : null;

    private static string? Member(JsonElement value, string name) => FieldReader.TryMember(value, name, out var member) ? Text(member) : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static string Cut(string text) => UpstreamJson.Cut(text, Link.LinkLimits.MessageCharsMax);
}
