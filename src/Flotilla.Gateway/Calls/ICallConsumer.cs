using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>Takes the answer of an internal call while it comes.</summary>
internal interface ICallConsumer
{
    /// <summary>Status and headers: once, before the first piece.</summary>
    void Begin(int status, IHeaderDictionary headers);

    /// <summary>A flushed piece, which may be used until the returned task ends. The call waits for it, as it would for a slow reader.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellation);

    /// <summary>Waits until somebody is there to have the answer: before that, nobody is charged for it.</summary>
    ValueTask ReadyAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
}
