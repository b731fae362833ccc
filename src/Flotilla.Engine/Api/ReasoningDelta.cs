namespace Flotilla.Engine;

/// <summary>What a model thinks before it answers; tokens as in <see cref="TextDelta"/>.</summary>
public sealed record ReasoningDelta(string Text, IReadOnlyList<TokenOutput> Tokens) : GenerationEvent;
