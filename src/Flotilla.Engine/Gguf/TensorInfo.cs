namespace Flotilla.Engine.Gguf;

/// <summary>Where a tensor lies and how it is shaped, checked against the file.</summary>
internal sealed record TensorInfo
{
    /// <summary>The name, for example <c>blk.0.attn_q.weight</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The element type.</summary>
    public required TensorType Type { get; init; }

    /// <summary>Elements of a row: the innermost dimension, which GGUF writes first.</summary>
    public required long Columns { get; init; }

    /// <summary>The product of the other dimensions.</summary>
    public required long Rows { get; init; }

    /// <summary>Number of dimensions as written.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Offset of the first byte from the start of the file.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes, without padding.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of a row.</summary>
    public long RowBytes => Bytes / Rows;

    /// <summary>Number of elements.</summary>
    public long Elements => Rows * Columns;
}
