using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;

namespace Flotilla.Engine.Scheduling;

/// <summary>A request after its checks: token ids, and limits that are resolved.</summary>
/// <param name="Prompt">The prompt's tokens, at least one.</param>
/// <param name="Resumed">Tokens generated before.</param>
/// <param name="CompletionMax">The longest completion, those tokens included; prompt and it fit the context.</param>
/// <param name="Request">The request, for everything else.</param>
/// <param name="Form">What holds the answer to its form, behind the tokens generated before; null where it is free.</param>
/// <param name="Output">Reads what the model writes.</param>
internal sealed record GenerationPlan(int[] Prompt, int[] Resumed, int CompletionMax, GenerationRequest Request, FormFollower? Form, OutputParser Output);
