using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Answers;

/// <summary>One answer to one client: streamed or whole.</summary>
internal interface IAnswer : IReceiver
{
    /// <summary>The end of a complete answer. The job is settled.</summary>
    ValueTask EndAsync(Usage usage, CancellationToken cancellation);

    /// <summary>The end of an answer that failed. The job is settled.</summary>
    ValueTask FailAsync(ApiError error, CancellationToken cancellation);
}
