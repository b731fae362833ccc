namespace Flotilla.Engine.Scheduling;

/// <summary>A request after its checks: token ids, and limits that are resolved.</summary>
/// <param name="Prompt">The prompt's tokens, at least one.</param>
/// <param name="Resumed">Tokens generated before.</param>
/// <param name="CompletionMax">The longest completion, those tokens included; prompt and it fit the context.</param>
/// <param name="Request">The request, for everything else.</param>
internal sealed record GenerationPlan(int[] Prompt, int[] Resumed, int CompletionMax, GenerationRequest Request);
