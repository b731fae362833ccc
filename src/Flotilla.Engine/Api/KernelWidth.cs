namespace Flotilla.Engine;

/// <summary>The vector width that the kernels use. Results are the same bits at every width.</summary>
public enum KernelWidth
{
    /// <summary>The widest that the processor has.</summary>
    Best,

    /// <summary>No vector instruction.</summary>
    Scalar,

    /// <summary>128 bits: NEON, SSSE3.</summary>
    Vector128,

    /// <summary>256 bits: AVX2.</summary>
    Vector256,

    /// <summary>512 bits: AVX-512.</summary>
    Vector512,
}
