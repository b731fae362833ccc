using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.Jobs;

/// <summary>A kind whose request is the message <typeparamref name="T"/>.</summary>
internal abstract class JobKindOf<T>(MessageParser<T> parser) : JobKind
    where T : class, IMessage<T>
{
    /// <inheritdoc />
    public sealed override bool TryRead(ReadOnlySpan<byte> bytes, out IMessage request)
    {
        var read = LinkCodec.TryRead(parser, bytes, out var message);
        request = message;
        return read;
    }

    /// <inheritdoc />
    public sealed override JobFault? Check(IMessage request) => Check((T)request);

    /// <inheritdoc />
    public sealed override JobShape Shape(IMessage request) => Shape((T)request);

    /// <inheritdoc cref="JobKind.Check(IMessage)" />
    protected abstract JobFault? Check(T request);

    /// <inheritdoc cref="JobKind.Shape(IMessage)" />
    protected abstract JobShape Shape(T request);
}
