namespace Flotilla.Engine;

/// <summary>What a generation tells its caller, in order: one <see cref="PromptReady"/>, <see cref="PromptTokens"/> where they are asked for, deltas, one <see cref="Finished"/>.</summary>
public abstract record GenerationEvent;
