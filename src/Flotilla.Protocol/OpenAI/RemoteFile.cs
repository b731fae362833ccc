namespace Flotilla.Protocol.OpenAI;

/// <summary>A file that a request names by where it is, in place of its bytes; whoever serves the request fetches it or refuses it.</summary>
/// <param name="Url">As the client gave it: it begins with http:// or https://, and nothing else is known of it.</param>
/// <param name="Param">The field in which it stands.</param>
/// <param name="Kind">What it must be.</param>
public readonly record struct RemoteFile(string Url, string Param, RemoteKind Kind)
{
    /// <summary>Whether the text is a URL that leads elsewhere.</summary>
    public static bool IsUrl(string text) => text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
