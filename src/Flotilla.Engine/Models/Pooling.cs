namespace Flotilla.Engine.Models;

/// <summary>What a text's final hidden states become; numbered as in <c>pooling_type</c>.</summary>
internal enum Pooling
{
    /// <summary>Nothing: each token has its own.</summary>
    None = 0,

    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>The first token's.</summary>
    First = 2,

    /// <summary>The last token's.</summary>
    Last = 3,

    /// <summary>How well a document answers a query.</summary>
    Rank = 4,
}
