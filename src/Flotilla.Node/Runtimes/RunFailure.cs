using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Why a job was not done.</summary>
/// <param name="Code">The kind of failure.</param>
/// <param name="Message">Fit for the client's eyes: no address, key or path of this node.</param>
/// <param name="Retryable">Whether another node may succeed.</param>
public sealed record RunFailure(Failed.Types.Code Code, string Message, bool Retryable)
{
    /// <summary>The request field that is at fault, or empty.</summary>
    public string Param { get; init; } = "";

    /// <summary>The limit that was exceeded, or 0.</summary>
    public ulong Limit { get; init; }

    /// <summary>The value that exceeded it, or 0.</summary>
    public ulong Value { get; init; }

    /// <summary>A field says something that is not among the words that a model knows for it.</summary>
    public static RunFailure NoSuchWord(string model, string field, IReadOnlyCollection<string> words)
    {
        var more = words.Count > NodeLimits.WordsShown ? ", …" : "";
        return new RunFailure(
            Failed.Types.Code.InvalidRequest, $"The model '{model}' has no such '{field}'; it has {string.Join(", ", words.Take(NodeLimits.WordsShown))}{more}.", Retryable: false)
        {
            Param = field,
        };
    }
}
