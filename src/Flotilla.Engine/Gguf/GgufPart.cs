namespace Flotilla.Engine.Gguf;

/// <summary>A file of a model: its checked header, and the source that stands behind the header.</summary>
internal sealed record GgufPart(GgufSource Source, GgufFile File);
