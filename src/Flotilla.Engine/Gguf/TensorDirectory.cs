namespace Flotilla.Engine.Gguf;

/// <summary>Reads the list of tensors and checks each against its type, the file and the others.</summary>
internal sealed class TensorDirectory(GgufSource source, GgufReader reader, GgufMetadata metadata)
{
    private const int AlignmentDefault = 32;

    /// <summary>The tensors in the order of their bytes in the file.</summary>
    public IReadOnlyList<TensorInfo> Read(int count)
    {
        var alignment = ReadAlignment();
        var tensors = new List<TensorInfo>(Math.Min(count, 1024));
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var tensor = ReadTensor(index, alignment);
            if (!names.Add(tensor.Name))
                throw new GgufException(GgufError.DuplicateTensor, $"The tensor {tensor.Name} stands twice.");
            tensors.Add(tensor);
        }

        var dataStart = checked((source.Position + alignment - 1) / alignment * alignment);
        return Place(tensors, dataStart);
    }

    private long ReadAlignment()
    {
        const string key = "general.alignment";
        var alignment = metadata.Has(key) ? metadata.UInt32(key) : AlignmentDefault;
        if (alignment == 0 || alignment > EngineLimits.AlignmentMax || (alignment & (alignment - 1)) != 0)
        {
            throw new GgufException(
                GgufError.BadAlignment,
                $"{key} is {alignment}; it must be a power of two and at most {EngineLimits.AlignmentMax}.");
        }

        return alignment;
    }

    private TensorInfo ReadTensor(int index, long alignment)
    {
        var name = reader.Name(EngineLimits.TensorNameBytesMax, GgufError.BadTensorName, $"tensor {index}");
        var dimensions = reader.U32($"the dimension count of {name}");
        if (dimensions is 0 or > EngineLimits.TensorDimensionsMax)
            throw new GgufException(GgufError.BadShape, $"{name} has {dimensions} dimensions; 1 to {EngineLimits.TensorDimensionsMax} are allowed.");
        Span<long> shape = [1, 1, 1, 1];
        for (var dimension = 0; dimension < dimensions; dimension++)
        {
            var length = reader.U64($"a dimension of {name}");
            if (length is 0 or > long.MaxValue)
                throw new GgufException(GgufError.BadShape, $"Dimension {dimension} of {name} is {length}.");
            shape[dimension] = (long)length;
        }

        var type = (TensorType)reader.U32($"the type of {name}");
        var (elements, bytes) = TensorTypes.BlockOf(type);
        if (elements == 0)
            throw new GgufException(GgufError.BadTensorType, $"{name} has element type {(uint)type}, which does not exist.");
        if (shape[0] % elements != 0)
            throw new GgufException(GgufError.PartialBlock, $"The rows of {name} have {shape[0]} elements, no multiple of {elements}, the block of {type}.");
        var offset = reader.U64($"the offset of {name}");
        if (offset % (ulong)alignment != 0)
            throw new GgufException(GgufError.BadOffset, $"The offset {offset} of {name} is no multiple of the alignment {alignment}.");
        if (offset > (ulong)source.Length)
            throw new GgufException(GgufError.OutsideFile, $"The offset {offset} of {name} is beyond the file's {source.Length} bytes.");
        var rows = Product(name, shape[1..]);
        var total = Product(name, [shape[0] / elements, bytes, rows]);
        Product(name, shape);
        return new TensorInfo
        {
            Name = name, Type = type, Columns = shape[0], Rows = rows, Dimensions = (int)dimensions, Offset = (long)offset, Bytes = total,
        };
    }

    private static long Product(string name, ReadOnlySpan<long> factors)
    {
        var product = 1L;
        foreach (var factor in factors)
        {
            var wide = Math.BigMul(product, factor);
            if (wide > long.MaxValue)
                throw new GgufException(GgufError.BadShape, $"The size of {name} overflows 64 bits.");
            product = (long)wide;
        }

        return product;
    }

    private List<TensorInfo> Place(List<TensorInfo> tensors, long dataStart)
    {
        var placed = new List<TensorInfo>(tensors.Count);
        var end = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset))
        {
            var start = dataStart + tensor.Offset;
            if (start > source.Length || tensor.Bytes > source.Length - start)
            {
                throw new GgufException(
                    GgufError.OutsideFile,
                    $"{tensor.Name} needs {tensor.Bytes} bytes from {start}, beyond the file's {source.Length} bytes.");
            }

            if (start < end)
                throw new GgufException(GgufError.Overlap, $"{tensor.Name} begins at {start}, inside the tensor before it, which ends at {end}.");
            end = start + tensor.Bytes;
            placed.Add(tensor with { Offset = start });
        }

        return placed;
    }
}
