using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Answers;

/// <summary>One answer to one client: streamed or whole.</summary>
internal interface IAnswer
{
    /// <summary>Whether the client may have seen a part: from then on no other node is asked for this job.</summary>
    bool Begun { get; }

    /// <summary>Forgets what an attempt that nobody saw had said.</summary>
    void Restart();

    /// <summary>Takes in one event.</summary>
    void Append(Event item);

    /// <summary>Bytes that wait for a flush.</summary>
    long Unflushed { get; }

    /// <summary>Whether it holds more in memory than an answer may.</summary>
    bool IsFull { get; }

    /// <summary>Hands what was appended to the client, where the answer is one that streams.</summary>
    /// <returns>Whether the client has it.</returns>
    ValueTask<bool> FlushAsync(CancellationToken cancellation);

    /// <summary>The end of a complete answer. The job is settled.</summary>
    ValueTask EndAsync(Usage usage, CancellationToken cancellation);

    /// <summary>The end of an answer that failed. The job is settled.</summary>
    ValueTask FailAsync(ApiError error, CancellationToken cancellation);
}
