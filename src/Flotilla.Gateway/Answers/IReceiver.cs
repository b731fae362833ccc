using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Answers;

/// <summary>Takes what a job says, at its own pace.</summary>
internal interface IReceiver
{
    /// <summary>Whether the client may have seen a part: from then on no other node is asked for this job.</summary>
    bool Begun { get; }

    /// <summary>Forgets what an attempt that nobody saw had said.</summary>
    void Restart();

    /// <summary>Ends what is open, because it is as long as it may be.</summary>
    /// <returns>False where what was said can't be ended early: it is no text.</returns>
    bool TryCut();

    /// <summary>Why a node's finished work makes no answer, or null.</summary>
    ApiError? Fault => null;

    /// <summary>How a node's finished work is not what the node says, or null. Asked once, at the work's end; where there is something, nothing is charged, and another node may be asked.</summary>
    ValueTask<string?> LieAsync() => ValueTask.FromResult<string?>(null);

    /// <summary>Takes in one event.</summary>
    void Append(Event item);

    /// <summary>Bytes that wait for a flush.</summary>
    long Unflushed { get; }

    /// <summary>Whether it holds more in memory than an answer may.</summary>
    bool IsFull { get; }

    /// <summary>Hands what was appended to the client, where the answer is one that streams.</summary>
    /// <returns>Whether the client has it.</returns>
    ValueTask<bool> FlushAsync(CancellationToken cancellation);
}
