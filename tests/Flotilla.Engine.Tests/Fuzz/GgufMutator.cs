using System.Buffers.Binary;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>Spoils a well-formed file where it hurts: in the numbers that say how much there is of what, and where.</summary>
internal sealed class GgufMutator
{
    private static readonly ulong[] s_interesting =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 12, 13, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 500, 512, 513, 1000, 1024, 4096, 65_535, 65_536, 1 << 20, 1 << 24, int.MaxValue, 1UL << 31,
        uint.MaxValue, 1UL << 32, 1UL << 42, 1UL << 61, 1UL << 62, (1UL << 63) - 1, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue,
        0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x3F80_0000, 0xBF80_0000, 0x0000_0001, 0x7F7F_FFFF,
    ];

    private readonly byte[] _file;
    private readonly ILookup<GgufFieldKind, GgufField> _fields;
    private readonly GgufFieldKind[] _kinds;
    private readonly int _headerBytes;

    public GgufMutator(byte[] file)
    {
        _file = file;
        var fields = GgufFields.Of(file);
        _fields = fields.ToLookup(field => field.Kind);
        _kinds = [.. _fields.Select(group => group.Key)];
        _headerBytes = fields[^1].Offset + fields[^1].Width;
    }

    /// <summary>The file with one to four changes.</summary>
    public byte[] Mutate(Random random)
    {
        var bytes = _file.ToArray();
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
            bytes = Change(random, bytes);
        return bytes;
    }

    private byte[] Change(Random random, byte[] bytes)
    {
        var field = Pick(random);
        switch (random.Next(12))
        {
            case 0:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
            case 1:
                bytes[random.Next(Math.Min(_headerBytes, bytes.Length))] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                return bytes[..Math.Max(1, random.Next(2) == 0 ? Math.Min(field.Offset, bytes.Length) : random.Next(bytes.Length))];
            case 3:
                return Splice(bytes, field.Offset, 1 + random.Next(Math.Max(1, field.Width * 2)), []);
            case 4:
                var repeated = bytes.AsSpan(Math.Min(field.Offset, bytes.Length));
                return Splice(bytes, field.Offset, 0, repeated[..Math.Min(repeated.Length, 1 + random.Next(64))].ToArray());
            case 5:
                var other = Pick(random);
                var width = Math.Min(field.Width, other.Width);
                if (field.Offset + width <= bytes.Length && other.Offset + width <= bytes.Length)
                    bytes.AsSpan(other.Offset, width).CopyTo(bytes.AsSpan(field.Offset));
                break;
            default:
                Set(random, bytes, field);
                break;
        }

        return bytes;
    }

    /// <summary>Of any kind alike: there are thousands of lengths and one version.</summary>
    private GgufField Pick(Random random)
    {
        var fields = _fields[_kinds[random.Next(_kinds.Length)]];
        return fields.ElementAt(random.Next(fields.Count()));
    }

    private static void Set(Random random, byte[] bytes, GgufField field)
    {
        if (field.Width == 0 || field.Offset + field.Width > bytes.Length)
            return;
        var place = bytes.AsSpan(field.Offset, field.Width);
        if (field.Kind == GgufFieldKind.Text)
        {
            place[random.Next(place.Length)] = (byte)random.Next(256);
            return;
        }

        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        place.CopyTo(value);
        var old = BinaryPrimitives.ReadUInt64LittleEndian(value);
        BinaryPrimitives.WriteUInt64LittleEndian(value, random.Next(6) switch
        {
            0 => old + 1,
            1 => old - 1,
            2 => old * 2,
            3 => (ulong)random.Next(bytes.Length + 2),
            _ => s_interesting[random.Next(s_interesting.Length)],
        });
        value[..place.Length].CopyTo(place);
    }

    private static byte[] Splice(byte[] bytes, int at, int remove, byte[] insert)
    {
        at = Math.Min(at, bytes.Length);
        return [.. bytes.AsSpan(0, at), .. insert, .. bytes.AsSpan(Math.Min(bytes.Length, at + remove))];
    }
}
