using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request to write speech down, in its own language or in English.</summary>
public sealed record TranscriptionInference : InferenceRequest
{
    /// <summary>What a node gets.</summary>
    public required TranscriptionRequest Work { get; init; }

    /// <summary>How the text is written.</summary>
    public required TranscriptFormat Format { get; init; }

    /// <summary>Whether a verbose answer lists its segments.</summary>
    public bool Segments { get; init; } = true;

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Transcription;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Work.Translate ? Link.Capability.Translation : Link.Capability.Transcription;

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => SoundLength.SecondsMax(Work.File.Span);

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => 0;
}
