using System.Buffers;
using System.IO.Pipelines;

namespace Flotilla.Gateway.Calls;

/// <summary>The response body of an internal call: what a flush would send to a socket goes to the consumer.</summary>
internal sealed class CallWriter(CallConnection connection) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _pending = new(1024);

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _pending.WrittenCount;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    public override void Advance(int bytes) => _pending.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await connection.BeginAsync();
        if (!connection.IsAborted && _pending.WrittenCount > 0)
            await connection.Consumer.WriteAsync(_pending.WrittenMemory, cancellationToken);
        _pending.ResetWrittenCount();
        return new FlushResult(isCanceled: false, isCompleted: connection.IsAborted);
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
