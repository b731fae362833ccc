namespace Flotilla.Engine.Sampling;

/// <summary>A token and its log probability at a place.</summary>
internal readonly record struct LikelyToken(int Id, float Logprob);
