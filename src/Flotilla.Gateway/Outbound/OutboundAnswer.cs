namespace Flotilla.Gateway.Outbound;

/// <summary>What a call brought.</summary>
/// <param name="Status">The HTTP status; a redirect is an answer like any other, and not followed.</param>
/// <param name="ContentType">The media type without parameters, in lower case; null where none was said.</param>
/// <param name="Body">The whole body; empty where it was not asked for.</param>
internal sealed record OutboundAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body);
