namespace Flotilla.Node.Runtimes;

/// <summary>A job turns out to be one that is not done, when some of it has begun.</summary>
/// <param name="failure">Why.</param>
internal sealed class RunRefusedException(RunFailure failure) : Exception(failure.Message)
{
    /// <summary>Why.</summary>
    public RunFailure Failure => failure;
}
