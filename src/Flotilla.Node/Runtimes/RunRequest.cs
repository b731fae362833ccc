using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>A job as its runtime sees it.</summary>
public sealed record RunRequest
{
    /// <summary>The job's id, for logs.</summary>
    public required string JobId { get; init; }

    /// <summary>The model as it was offered.</summary>
    public required Model Model { get; init; }

    /// <summary>What kind of job it is.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>What to do, in the message of the kind; checked for sizes and counts, not for what the model can do.</summary>
    public required IMessage Work { get; init; }

    /// <summary>Key of every random draw.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Tokens that another node already generated, by choice; choices without any are missing.</summary>
    public required IReadOnlyDictionary<uint, IReadOnlyList<uint>> Resume { get; init; }

    /// <summary>What the request lets the runtime answer.</summary>
    public required JobShape Shape { get; init; }

    /// <summary>What jobs have in common that may share the beginnings of their prompts; empty where none may.</summary>
    public ReadOnlyMemory<byte> PrefixSalt { get; init; }

    /// <summary>Answers over all inputs: events carry choice 0 to this, exclusive.</summary>
    public int Choices => Shape.Choices;
}
