using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A request for the length of a chat's prompt; nothing is generated.</summary>
public sealed record CountInference : InferenceRequest
{
    // What else a request may need concerns its answer, and does not change its prompt.
    private static readonly string[] OfPrompts = [Link.Capability.ToolUse, Link.Capability.Vision, Link.Capability.AudioInput, Link.Capability.FileInput];

    private long _placedBytes;

    /// <summary>What a node gets.</summary>
    public required CountRequest Work { get; init; }

    /// <summary>See <see cref="TextInference.PromptBytes"/>.</summary>
    public required long PromptBytes { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Count;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.CountTokens;

    /// <inheritdoc />
    public override IEnumerable<Image> Images => TextKind.ImagesOf(Work.Chat);

    /// <inheritdoc />
    public override void Place(Func<string, string?> dataUrlOf)
    {
        base.Place(dataUrlOf);
        _placedBytes += TextKind.PlaceFiles(Work.Chat, dataUrlOf);
    }

    /// <summary>The count of what a request would be asked with.</summary>
    /// <param name="request">A chat.</param>
    public static CountInference Of(TextInference request) => new()
    {
        Endpoint = request.Endpoint,
        Model = request.Model,
        Work = new CountRequest { Chat = request.Work.Chat },
        PromptBytes = request.PromptBytes,
        Needs = [.. request.Needs.Where(n => OfPrompts.Contains(n.Capability))],
        RemoteFiles = request.RemoteFiles,
        Provider = request.Provider,
    };

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => Math.Min(PromptBytes + _placedBytes, contextTokens);

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => 0;
}
