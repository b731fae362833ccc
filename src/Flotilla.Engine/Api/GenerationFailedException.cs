namespace Flotilla.Engine;

/// <summary>A generation that had begun cannot go on; nothing is wrong with the request.</summary>
public sealed class GenerationFailedException : Exception
{
    internal GenerationFailedException(GenerationFailure reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>What happened.</summary>
    public GenerationFailure Reason { get; }
}
