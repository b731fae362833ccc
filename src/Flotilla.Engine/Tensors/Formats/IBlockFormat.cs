using System.Runtime.Intrinsics;
using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>
/// A quantised type of the file, as constants: codes of a few bits that stand for small integers, and per group of columns a
/// scale and perhaps a minimum, so that a weight is scale · integer + minimum. A type parameter: the compiler makes one
/// product of each, in which all of this is constant. docs/numerics.md has the table.
/// </summary>
internal interface IBlockFormat
{
    /// <summary>The type in the file; <see cref="TensorTypes.BlockOf"/> has the size of its blocks.</summary>
    static abstract TensorType Type { get; }

    /// <summary>Bits of a code in the first plane: 8, 4 or 2. A code of 8 bits is the integer itself.</summary>
    static abstract int LowBits { get; }

    /// <summary>Bits of a code above those, in a plane of their own: 0, 1 or 2.</summary>
    static virtual int HighBits => 0;

    /// <summary>The code that stands for 0, where there is no codebook.</summary>
    static virtual int Offset => 0;

    /// <summary>Whether a code of 4 bits is an index of <see cref="Codebook"/>.</summary>
    static virtual bool HasCodebook => false;

    /// <summary>The integers that codes stand for.</summary>
    static virtual Vector128<sbyte> Codebook => default;

    /// <summary>The float type of 16 bits that holds every scale of a block: F16 or BF16.</summary>
    static virtual TensorType ScaleType => TensorType.F16;

    /// <summary>Whether a minimum is added to the weights.</summary>
    static virtual bool HasMinimums => false;

    /// <summary>Whether a block is one of 256 columns, each group with an integer that multiplies the block's scale, and one for its minimum.</summary>
    static virtual bool HasGroupScales => false;

    /// <summary>Columns that share a scale: 32 or 16.</summary>
    static virtual int GroupLength => 32;

    /// <summary>Takes apart a block as the file has it. Nothing is checked: any bytes are a block, though perhaps of infinite scale.</summary>
    static abstract void Read(ReadOnlySpan<byte> block, BlockContent content);
}
