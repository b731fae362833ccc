namespace Flotilla.Protocol.OpenAI;

/// <summary>An image that a request names by where it is, in place of its bytes; whoever serves the request fetches it or refuses it.</summary>
/// <param name="Url">As the client gave it: it begins with http:// or https://, and nothing else is known of it.</param>
/// <param name="Param">The field in which it stands.</param>
public readonly record struct RemoteImage(string Url, string Param);
