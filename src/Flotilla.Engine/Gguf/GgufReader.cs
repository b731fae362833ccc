using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Engine.Gguf;

/// <summary>Reads the header of a GGUF file: bytes in, checked records out. Nothing is allocated before its size is checked.</summary>
internal sealed class GgufReader(GgufSource source)
{
    private const uint Magic = 0x4655_4747;
    private const long StringBytesMin = sizeof(ulong);
    private const long EntryBytesMin = sizeof(ulong) + 1 + sizeof(uint) + 1;
    private const long TensorEntryBytesMin = sizeof(ulong) + 1 + sizeof(uint) + sizeof(ulong) + sizeof(uint) + sizeof(ulong);

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads the header and leaves the source behind its last byte.</summary>
    public GgufFile Read()
    {
        if (U32("the magic") is var magic && magic != Magic)
            throw new GgufException(GgufError.BadMagic, $"The file begins with 0x{magic:x8} instead of GGUF: it is no GGUF file.");
        var version = U32("the version");
        if (version is not (2 or 3))
            throw new GgufException(GgufError.BadVersion, $"GGUF version {version} (0x{version:x8}); versions 2 and 3, little-endian, can be read.");
        var tensorCount = Count(U64("the tensor count"), EngineLimits.TensorsMax, TensorEntryBytesMin, "tensors");
        var entryCount = Count(U64("the metadata count"), EngineLimits.MetadataEntriesMax, EntryBytesMin, "metadata entries");
        var metadata = ReadMetadata(entryCount);
        return new GgufFile(metadata, new TensorDirectory(source, this, metadata).Read(tensorCount));
    }

    /// <summary>Reads a name of a key or tensor.</summary>
    internal string Name(int bytesMax, GgufError error, string what)
    {
        var length = U64($"the length of {what}");
        if (length == 0 || length > (ulong)bytesMax)
            throw new GgufException(error, $"The name of {what} has {length} bytes; 1 to {bytesMax} are allowed.");
        Span<byte> utf8 = length <= 256 ? stackalloc byte[(int)length] : new byte[CheckedBytes(length, bytesMax, what)];
        source.Read(utf8);
        try
        {
            return s_strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new GgufException(error, $"The name of {what} is not UTF-8.");
        }
    }

    internal uint U32(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Need(bytes.Length, what);
        source.Read(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    internal ulong U64(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Need(bytes.Length, what);
        source.Read(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private Dictionary<string, object> ReadEntries(int count)
    {
        var entries = new Dictionary<string, object>(Math.Min(count, 64), StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var key = Name(EngineLimits.KeyBytesMax, GgufError.BadKey, $"metadata entry {index}");
            var type = (GgufValueType)U32($"the type of {key}");
            var value = type switch
            {
                GgufValueType.Array => ReadArray(key),
                GgufValueType.String => ReadString(key),
                _ => ReadScalar(key, type),
            };
            if (!entries.TryAdd(key, value))
                throw new GgufException(GgufError.DuplicateKey, $"The metadata key {key} stands twice.");
        }

        return entries;
    }

    private GgufMetadata ReadMetadata(int count) => new(ReadEntries(count));

    private object ReadScalar(string key, GgufValueType type)
    {
        Span<byte> bytes = stackalloc byte[ScalarBytes(key, type)];
        Need(bytes.Length, key);
        source.Read(bytes);
        return type switch
        {
            GgufValueType.UInt8 => (long)bytes[0],
            GgufValueType.Int8 => (long)(sbyte)bytes[0],
            GgufValueType.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufValueType.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufValueType.UInt32 => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufValueType.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            GgufValueType.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => bytes[0] <= 1
                ? (object)(bytes[0] == 1)
                : throw new GgufException(GgufError.BadValueType, $"{key} is a Boolean of value {bytes[0]}; only 0 and 1 exist."),
        };
    }

    private string ReadString(string key)
    {
        var utf8 = new byte[CheckedBytes(U64($"the length of {key}"), EngineLimits.StringBytesMax, key)];
        source.Read(utf8);
        try
        {
            return s_strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new GgufException(GgufError.BadText, $"The value of {key} is not UTF-8.");
        }
    }

    private object ReadArray(string key)
    {
        var type = (GgufValueType)U32($"the element type of {key}");
        if (type == GgufValueType.Array)
            throw new GgufException(GgufError.BadValueType, $"{key} is an array of arrays; no model needs one.");
        var length = U64($"the length of {key}");
        if (type == GgufValueType.String)
            return ReadStrings(key, Count(length, EngineLimits.ArrayElementsMax, StringBytesMin, $"elements of {key}"));
        var size = ScalarBytes(key, type);
        var bytes = new byte[Count(length, EngineLimits.ArrayElementsMax, size, $"elements of {key}") * size];
        source.Read(bytes);
        return new GgufArray(type, bytes);
    }

    private GgufStrings ReadStrings(string key, int count)
    {
        var ends = new int[count];
        var bytes = new byte[Math.Min(count * 8L, 1 << 16)];
        var end = 0;
        for (var index = 0; index < count; index++)
        {
            var length = CheckedBytes(U64($"the length of element {index} of {key}"), EngineLimits.StringBytesMax, key);
            var needed = (long)end + length;
            if (needed > EngineLimits.TensorBytesMax)
                throw new GgufException(GgufError.TooLarge, $"The strings of {key} exceed {EngineLimits.TensorBytesMax} bytes.");
            if (needed > bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(EngineLimits.TensorBytesMax, Math.Max(needed, Math.Min(bytes.Length * 2L, needed + source.Remaining))));
            source.Read(bytes.AsSpan(end, length));
            ends[index] = end += length;
        }

        return new GgufStrings(key, bytes, ends);
    }

    private static int ScalarBytes(string key, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => throw new GgufException(GgufError.BadValueType, $"{key} has value type {(uint)type}, which does not exist."),
    };

    private int Count(ulong count, int max, long bytesMin, string what)
    {
        if (count > (ulong)max)
            throw new GgufException(GgufError.TooLarge, $"The file declares {count} {what}; the limit is {max}.");
        if ((long)count > source.Remaining / bytesMin)
            throw new GgufException(GgufError.TooLarge, $"The file declares {count} {what}, more than its remaining {source.Remaining} bytes can hold.");
        return (int)count;
    }

    private int CheckedBytes(ulong length, int max, string what)
    {
        if (length > (ulong)max)
            throw new GgufException(GgufError.TooLarge, $"A string of {what} has {length} bytes; the limit is {max}.");
        Need((long)length, what);
        return (int)length;
    }

    private void Need(long bytes, string what)
    {
        if (bytes > source.Remaining)
            throw new GgufException(GgufError.Truncated, $"The file ends at byte {source.Length}, inside {what}, which needs {bytes} bytes from {source.Position}.");
    }
}
