namespace Flotilla.Testing.Models;

/// <summary>How a synthetic model's matrices are stored; the numbers of the GGUF format.</summary>
public enum WeightType
{
    F32 = 0,
    F16 = 1,
    Q8_0 = 8,
}
