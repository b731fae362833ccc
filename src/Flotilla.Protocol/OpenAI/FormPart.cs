namespace Flotilla.Protocol.OpenAI;

/// <summary>One part of a form.</summary>
/// <param name="Name">The field, as the client wrote it.</param>
/// <param name="FileName">The client's name of the file, never used as a path; null for a plain value.</param>
/// <param name="Content">The bytes.</param>
/// <param name="MediaType">What we say that a file is, in a form of ours; what a client says of its own is not read.</param>
public sealed record FormPart(string Name, string? FileName, ReadOnlyMemory<byte> Content, string? MediaType = null);
