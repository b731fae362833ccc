using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>A job as its runtime sees it.</summary>
public sealed record RunRequest
{
    /// <summary>The job's id, for logs.</summary>
    public required string JobId { get; init; }

    /// <summary>The model as it was offered.</summary>
    public required Model Model { get; init; }

    /// <summary>What to do; checked for sizes and counts, not for what the model can do.</summary>
    public required TextRequest Work { get; init; }

    /// <summary>Key of every random draw.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Tokens that another node already generated, by choice; choices without any are missing.</summary>
    public required IReadOnlyDictionary<uint, IReadOnlyList<uint>> Resume { get; init; }

    /// <summary>Completions over all prompts: events carry choice 0 to this, exclusive.</summary>
    public required int Choices { get; init; }
}
