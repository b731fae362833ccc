using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI.Responses;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request for text: a chat, or completions of prompts.</summary>
public sealed record TextInference : InferenceRequest
{
    private long _placedBytes;

    /// <summary>What a node gets. <see cref="TextRequest.MaxTokens"/> is 0 where nothing bounds the completion.</summary>
    public required TextRequest Work { get; init; }

    /// <summary>Whether the request, or its endpoint's default (16 for completions), bounds the completion.</summary>
    public required bool MaxTokensGiven { get; init; }

    /// <summary>Whether several models are wished for; null: only where <see cref="InferenceRequest.Model"/> names several.</summary>
    public Ensemble? Ensemble { get; init; }

    /// <summary>Whether a stream ends with a chunk of usage.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Whether it came in the form before tools (<c>functions</c>), so that the answer has that form too.</summary>
    public bool Functions { get; init; }

    /// <summary>What a request to <c>/v1/responses</c> has beyond a chat; null for other endpoints.</summary>
    public ResponseTerms? Response { get; init; }

    /// <summary>Frames of a video that must be taken first: they come in the places of <see cref="InferenceRequest.Images"/>, which are empty until then. Null: nothing is needed.</summary>
    public FramesInference? Frames { get; init; }

    /// <summary>Whether each completion begins with its prompt.</summary>
    public bool Echo { get; init; }

    /// <summary>How many alternatives the answer lists for each token of the prompt (<c>prompt_logprobs</c>); null: it lists none of them.</summary>
    public uint? PromptLogprobs { get; init; }

    /// <summary>Choices over all prompts: every event's choice is below it.</summary>
    public required int ChoicesTotal { get; init; }

    /// <summary>
    /// An upper bound of the prompt's tokens over all prompts: a token covers at least one byte of text, and what a chat
    /// template adds is allowed for (<see cref="OpenAiLimits.PerMessageAllowance"/> and its kin).
    /// </summary>
    public required long PromptBytes { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Text;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Work.InputCase == TextRequest.InputOneofCase.Chat ? Link.Capability.Chat : Link.Capability.Completion;

    /// <inheritdoc />
    public override IEnumerable<Image> Images => TextKind.ImagesOf(Work.Chat);

    /// <inheritdoc />
    public override void Place(Func<string, string?> dataUrlOf)
    {
        base.Place(dataUrlOf);
        _placedBytes += TextKind.PlaceFiles(Work.Chat, dataUrlOf);
    }

    /// <inheritdoc />
    /// <remarks>A prompt that would not fit is refused by the node before any work, so its price need not be covered.</remarks>
    public override long InputUnitsMax(uint contextTokens) => Math.Min(PromptBytes + _placedBytes, (long)contextTokens * (Work.Prompts?.Items.Count ?? 1));

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) =>
        (long)(MaxTokensGiven ? Math.Min(Work.MaxTokens, contextTokens) : contextTokens) * ChoicesTotal;

    /// <inheritdoc />
    public override long OutputUnitsMin => ChoicesTotal;

    /// <inheritdoc />
    public override bool IsOutputOpen => !MaxTokensGiven;

    /// <inheritdoc />
    public override void Allow(long outputUnits) => Work.MaxTokens = checked((uint)(outputUnits / ChoicesTotal));
}
