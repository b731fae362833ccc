namespace Flotilla.Engine;

/// <summary>The first event: the request was accepted and its prompt has this many tokens.</summary>
public sealed record PromptReady(int PromptTokens) : GenerationEvent;
