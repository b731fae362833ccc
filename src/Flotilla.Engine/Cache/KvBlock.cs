using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Cache;

/// <summary>
/// Keys and values of 16 consecutive positions of one sequence, for every layer of a stage. Keys lie as
/// (layer, head, element, position), so that a vector of scores is summed over elements without ever crossing lanes;
/// values as (layer, head, position, element).
/// </summary>
internal sealed class KvBlock(int length)
{
    /// <summary>Positions of a block.</summary>
    public const int Positions = RowGroups.Rows;

    public AlignedBuffer<float> Keys { get; } = new(length);

    public AlignedBuffer<float> Values { get; } = new(length);
}
