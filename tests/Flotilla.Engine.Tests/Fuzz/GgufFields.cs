using System.Buffers.Binary;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>What stands where in the header of a well-formed file, so that it can be spoilt on purpose.</summary>
internal sealed class GgufFields
{
    private readonly byte[] _file;
    private readonly List<GgufField> _fields = [];
    private int _position;

    private GgufFields(byte[] file) => _file = file;

    /// <summary>All fields of numbers, and the texts.</summary>
    public static IReadOnlyList<GgufField> Of(byte[] file)
    {
        var fields = new GgufFields(file);
        fields.Read();
        return fields._fields;
    }

    private void Read()
    {
        Take(4, GgufFieldKind.Magic);
        Take(4, GgufFieldKind.Version);
        var tensors = Take(8, GgufFieldKind.Count);
        var entries = Take(8, GgufFieldKind.Count);
        for (var entry = 0UL; entry < entries; entry++)
        {
            Text();
            Value(Take(4, GgufFieldKind.Type));
        }

        for (var tensor = 0UL; tensor < tensors; tensor++)
        {
            Text();
            var dimensions = Take(4, GgufFieldKind.DimensionCount);
            for (var dimension = 0UL; dimension < dimensions; dimension++)
                Take(8, GgufFieldKind.Dimension);
            Take(4, GgufFieldKind.TensorType);
            Take(8, GgufFieldKind.Offset);
        }
    }

    private void Value(ulong type)
    {
        if (type == 8)
        {
            Text();
        }
        else if (type == 9)
        {
            var element = Take(4, GgufFieldKind.Type);
            var count = Take(8, GgufFieldKind.Length);
            for (var index = 0UL; index < count; index++)
                Value(element);
        }
        else
        {
            Take(type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 }, GgufFieldKind.Number);
        }
    }

    private void Text() => Take((int)Take(8, GgufFieldKind.Length), GgufFieldKind.Text);

    private ulong Take(int width, GgufFieldKind kind)
    {
        _fields.Add(new GgufField(_position, width, kind));
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        if (width <= value.Length)
            _file.AsSpan(_position, width).CopyTo(value);
        _position += width;
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }
}
