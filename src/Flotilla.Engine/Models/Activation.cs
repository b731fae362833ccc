namespace Flotilla.Engine.Models;

/// <summary>What a feed-forward layer's gate goes through.</summary>
internal enum Activation
{
    /// <summary>x ÷ (1 + e^−x)</summary>
    Silu,

    /// <summary>x · (1 + tanh(√(2/π) · (x + 0.044715·x³))) / 2</summary>
    Gelu,
}
