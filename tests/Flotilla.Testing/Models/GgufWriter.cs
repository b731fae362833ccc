using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Testing.Models;

/// <summary>Writes GGUF files, well-formed unless a test asks for something else.</summary>
public sealed class GgufWriter
{
    private readonly List<byte[]> _entries = [];
    private readonly List<Tensor> _tensors = [];

    private sealed record Tensor(byte[] Name, ulong[] Dimensions, uint Type, byte[] Data, ulong? Offset, uint? DimensionCount);

    /// <summary>The first four bytes.</summary>
    public byte[] Magic { get; set; } = "GGUF"u8.ToArray();

    /// <summary>The format's version.</summary>
    public uint Version { get; set; } = 3;

    /// <summary>The tensor count in the header, where it is not the true one.</summary>
    public ulong? TensorCount { get; set; }

    /// <summary>The metadata count in the header, where it is not the true one.</summary>
    public ulong? EntryCount { get; set; }

    /// <summary>What tensor data is aligned to; written as <c>general.alignment</c> only by the test itself.</summary>
    public int Alignment { get; set; } = 32;

    /// <summary>Bytes to cut from the end of the file.</summary>
    public int CutBytes { get; set; }

    public GgufWriter Add(string key, string value) => AddRaw(key, 8, Text(value));

    public GgufWriter Add(string key, uint value) => AddRaw(key, 4, UInt32(value));

    public GgufWriter Add(string key, int value) => AddRaw(key, 5, UInt32((uint)value));

    public GgufWriter Add(string key, ulong value) => AddRaw(key, 10, UInt64(value));

    public GgufWriter Add(string key, bool value) => AddRaw(key, 7, [value ? (byte)1 : (byte)0]);

    public GgufWriter Add(string key, float value) => AddRaw(key, 6, UInt32(BitConverter.SingleToUInt32Bits(value)));

    public GgufWriter Add(string key, IReadOnlyCollection<string> values) =>
        AddRaw(key, 9, [.. UInt32(8), .. UInt64((ulong)values.Count), .. values.SelectMany(Text)]);

    public GgufWriter Add(string key, IReadOnlyCollection<int> values) =>
        AddRaw(key, 9, [.. UInt32(5), .. UInt64((ulong)values.Count), .. values.SelectMany(value => UInt32((uint)value))]);

    public GgufWriter Add(string key, IReadOnlyCollection<float> values) =>
        AddRaw(key, 9, [.. UInt32(6), .. UInt64((ulong)values.Count), .. values.SelectMany(value => UInt32(BitConverter.SingleToUInt32Bits(value)))]);

    public GgufWriter Add(string key, byte[] values) => AddRaw(key, 9, [.. UInt32(0), .. UInt64((ulong)values.Length), .. values]);

    /// <summary>An entry of the type that the value has; integers are unsigned, as in most files.</summary>
    public GgufWriter Add(string key, object value) => value switch
    {
        string text => Add(key, text),
        bool flag => Add(key, flag),
        float number => Add(key, number),
        int number => Add(key, (uint)number),
        byte[] bytes => Add(key, bytes),
        string[] texts => Add(key, texts),
        int[] numbers => Add(key, numbers),
        _ => throw new ArgumentException($"{key} is a {value.GetType().Name}.", nameof(value)),
    };

    /// <summary>An entry whose value is given as bytes.</summary>
    public GgufWriter AddRaw(string key, uint type, byte[] value) => AddRaw(Text(key), type, value);

    /// <summary>An entry whose key, length included, and value are given as bytes.</summary>
    public GgufWriter AddRaw(byte[] key, uint type, byte[] value)
    {
        _entries.Add([.. key, .. UInt32(type), .. value]);
        return this;
    }

    /// <summary>Removes the entries of a key, for a test that then writes them otherwise or not at all.</summary>
    public GgufWriter Remove(string key)
    {
        var start = Text(key);
        _entries.RemoveAll(entry => entry.AsSpan().StartsWith(start));
        return this;
    }

    /// <summary>A tensor; the innermost dimension comes first, as in the file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dimensions">Its shape.</param>
    /// <param name="type">Its type's number.</param>
    /// <param name="data">Its bytes.</param>
    /// <param name="offset">An offset other than the next free one.</param>
    /// <param name="dimensionCount">A dimension count other than the true one.</param>
    public GgufWriter AddTensor(string name, ulong[] dimensions, uint type, byte[] data, ulong? offset = null, uint? dimensionCount = null)
    {
        _tensors.Add(new Tensor(Text(name), dimensions, type, data, offset, dimensionCount));
        return this;
    }

    /// <summary>Replaces a tensor, keeping its place.</summary>
    public GgufWriter ReplaceTensor(string name, Func<ulong[], uint, byte[], (ulong[] Dimensions, uint Type, byte[] Data)> change, ulong? offset = null, uint? dimensionCount = null)
    {
        var index = _tensors.FindIndex(tensor => tensor.Name.AsSpan().SequenceEqual(Text(name)));
        var old = _tensors[index];
        var (dimensions, type, data) = change(old.Dimensions, old.Type, old.Data);
        _tensors[index] = old with { Dimensions = dimensions, Type = type, Data = data, Offset = offset, DimensionCount = dimensionCount };
        return this;
    }

    /// <summary>Removes a tensor.</summary>
    public GgufWriter RemoveTensor(string name)
    {
        _tensors.RemoveAll(tensor => tensor.Name.AsSpan().SequenceEqual(Text(name)));
        return this;
    }

    /// <summary>
    /// The same model cut into files, as gguf-split does it: all metadata in the first, and of the tensors as many in each, the
    /// first perhaps without any.
    /// </summary>
    public IReadOnlyList<GgufWriter> Split(int count, bool firstIsEmpty = false)
    {
        var parts = new List<GgufWriter>();
        var holders = firstIsEmpty ? count - 1 : count;
        for (var index = 0; index < count; index++)
        {
            var part = new GgufWriter();
            if (index == 0)
                part._entries.AddRange(_entries);
            part.AddRaw("split.no", 2, [(byte)index, 0]).AddRaw("split.count", 2, [(byte)count, 0]).Add("split.tensors.count", _tensors.Count);
            var holder = index - (count - holders);
            if (holder >= 0)
                part._tensors.AddRange(_tensors[(_tensors.Count * holder / holders)..(_tensors.Count * (holder + 1) / holders)]);
            parts.Add(part);
        }

        return parts;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        using var file = new MemoryStream();
        file.Write(Magic);
        file.Write(UInt32(Version));
        file.Write(UInt64(TensorCount ?? (ulong)_tensors.Count));
        file.Write(UInt64(EntryCount ?? (ulong)_entries.Count));
        foreach (var entry in _entries)
            file.Write(entry);
        var next = 0L;
        foreach (var tensor in _tensors)
        {
            file.Write(tensor.Name);
            file.Write(UInt32(tensor.DimensionCount ?? (uint)tensor.Dimensions.Length));
            foreach (var dimension in tensor.Dimensions)
                file.Write(UInt64(dimension));
            file.Write(UInt32(tensor.Type));
            file.Write(UInt64(tensor.Offset ?? (ulong)next));
            next = Align(next + tensor.Data.Length);
        }

        foreach (var tensor in _tensors)
        {
            Pad(file);
            file.Write(tensor.Data);
        }

        Pad(file);
        return file.ToArray()[..^CutBytes];
    }

    /// <summary>A string as the format writes it.</summary>
    public static byte[] Text(string value) => Text(Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes as the format writes a string.</summary>
    public static byte[] Text(byte[] value) => [.. UInt64((ulong)value.Length), .. value];

    public static byte[] UInt32(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] UInt64(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    private void Pad(MemoryStream file) => file.SetLength(file.Position = Align(file.Position));
}
