namespace Flotilla.Protocol.OpenAI;

/// <summary>What one event of an upstream's stream was.</summary>
public enum ChatStreamResult
{
    /// <summary>A chunk; it may have brought events, usage or neither.</summary>
    Chunk,

    /// <summary>The end: <c>[DONE]</c>.</summary>
    Done,

    /// <summary>An error of the upstream: <see cref="ChatStreamReader.Error"/>.</summary>
    Error,

    /// <summary>Nothing that this protocol knows, or beyond its limits: the job cannot go on.</summary>
    Malformed,
}
