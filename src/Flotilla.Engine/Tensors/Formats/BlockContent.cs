namespace Flotilla.Engine.Tensors.Formats;

/// <summary>What a block of a file says: one row's weights of 32 or 256 columns, on their way into a packed block.</summary>
internal sealed class BlockContent
{
    /// <summary>Columns of the longest block.</summary>
    public const int ColumnsMax = 256;

    private const int GroupsMax = 16;

    /// <summary>The codes in the order of the columns.</summary>
    public byte[] Codes { get; } = new byte[ColumnsMax];

    /// <summary>The scale of the block.</summary>
    public float Scale { get; set; }

    /// <summary>What is added to the weights: the negative of what the file has where its type says to subtract.</summary>
    public float Minimum { get; set; }

    /// <summary>Of each group, the factor of <see cref="Scale"/>.</summary>
    public sbyte[] GroupScales { get; } = new sbyte[GroupsMax];

    /// <summary>Of each group, the factor of <see cref="Minimum"/>.</summary>
    public sbyte[] GroupMinimums { get; } = new sbyte[GroupsMax];
}
