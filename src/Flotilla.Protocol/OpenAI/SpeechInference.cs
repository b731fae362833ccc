using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request for speech.</summary>
public sealed record SpeechInference : InferenceRequest
{
    /// <summary>What a node gets.</summary>
    public required SpeechRequest Work { get; init; }

    /// <summary>Whether the sound comes as server-sent events instead of as it is.</summary>
    public bool AsEvents { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Speech;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Speech;

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => SpeechKind.Characters(Work.Input);

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => 0;
}
