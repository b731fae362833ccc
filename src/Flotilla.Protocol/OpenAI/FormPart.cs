namespace Flotilla.Protocol.OpenAI;

/// <summary>One part of a form.</summary>
/// <param name="Name">The field, as the client wrote it.</param>
/// <param name="FileName">The client's name of the file, never used as a path; null for a plain value.</param>
/// <param name="Content">The bytes.</param>
public sealed record FormPart(string Name, string? FileName, ReadOnlyMemory<byte> Content);
