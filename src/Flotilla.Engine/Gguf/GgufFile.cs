namespace Flotilla.Engine.Gguf;

/// <summary>A checked header: metadata, and tensors in the order of their bytes.</summary>
internal sealed record GgufFile(GgufMetadata Metadata, IReadOnlyList<TensorInfo> Tensors);
