namespace Flotilla.Engine;

/// <summary>A token that might have stood at a place, and the natural logarithm of its probability there.</summary>
public readonly record struct TokenAlternative(int Id, ReadOnlyMemory<byte> Bytes, float Logprob);
