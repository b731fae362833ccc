using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request body that was read and found valid.</summary>
public sealed record InferenceRequest
{
    /// <summary>Where it was posted; decides the dialect of the answer.</summary>
    public required InferenceEndpoint Endpoint { get; init; }

    /// <summary>The model as the client names it: an alias is not resolved yet.</summary>
    public required string Model { get; init; }

    /// <summary>What a node gets. <see cref="TextRequest.MaxTokens"/> is 0 where nothing bounds the completion.</summary>
    public required TextRequest Work { get; init; }

    /// <summary>Whether the request, or its endpoint's default (16 for completions), bounds the completion.</summary>
    public required bool MaxTokensGiven { get; init; }

    /// <summary>The client's seed; a negative one keeps its bits.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether the answer is an event stream.</summary>
    public bool Stream { get; init; }

    /// <summary>Whether a stream ends with a chunk of usage.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Whether it came in the form before tools (<c>functions</c>), so that the answer has that form too.</summary>
    public bool Functions { get; init; }

    /// <summary>What a request to <c>/v1/responses</c> has beyond a chat; null for other endpoints.</summary>
    public ResponseTerms? Response { get; init; }

    /// <summary>What a model must be able to do for this request, beyond its endpoint.</summary>
    public IReadOnlyList<RequestNeed> Needs { get; init; } = [];

    /// <summary>Whether each completion begins with its prompt.</summary>
    public bool Echo { get; init; }

    /// <summary>The end user's name as the client gives it (<c>user</c>, else <c>safety_identifier</c>); never sent to a node.</summary>
    public string? User { get; init; }

    /// <summary>The client's own labels; never sent to a node.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Which nodes may serve it.</summary>
    public ProviderPreferences Provider { get; init; } = ProviderPreferences.None;

    /// <summary>Choices over all prompts: every event's choice is below it.</summary>
    public required int ChoicesTotal { get; init; }

    /// <summary>
    /// An upper bound of the prompt's tokens over all prompts: a token covers at least one byte of text, and what a chat
    /// template adds is allowed for (<see cref="OpenAiLimits.PerMessageAllowance"/> and its kin).
    /// </summary>
    public required long PromptBytes { get; init; }
}
