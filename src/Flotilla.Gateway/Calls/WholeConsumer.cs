using System.Buffers;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>Gathers an answer in memory.</summary>
internal sealed class WholeConsumer : ICallConsumer
{
    private readonly ArrayBufferWriter<byte> _body = new(1024);
    private int _status;
    private IHeaderDictionary _headers = new HeaderDictionary();

    public CallAnswer Answer(bool isWhole, ApiError? error) => new(_status, _headers, _body.WrittenMemory, isWhole, error);

    public void Begin(int status, IHeaderDictionary headers) => (_status, _headers) = (status, headers);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        if (_body.WrittenCount + (long)piece.Length > GatewayLimits.CallAnswerBytesMax)
            throw new InvalidOperationException($"The answer to an internal call exceeds {GatewayLimits.CallAnswerBytesMax} bytes, which is the most that is gathered in memory.");
        _body.Write(piece.Span);
        return ValueTask.CompletedTask;
    }
}
