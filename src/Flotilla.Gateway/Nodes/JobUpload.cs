using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Nodes;

/// <summary>The rest of a request that one frame cannot hold, sent part by part between the frames of other jobs.</summary>
internal sealed class JobUpload(JobAttempt attempt, ReadOnlyMemory<byte> rest)
{
    private ReadOnlyMemory<byte> _rest = rest;

    /// <summary>The next frame, or null when all is sent or the attempt no longer needs it.</summary>
    public GatewayFrame? Next()
    {
        if (_rest.IsEmpty || !attempt.WantsRequest)
            return null;
        var part = _rest[..Math.Min(_rest.Length, LinkLimits.RequestPartBytesMax)];
        _rest = _rest[part.Length..];
        if (_rest.IsEmpty)
            attempt.RequestSent();
        return new GatewayFrame
        {
            JobPart = new JobPart { JobId = attempt.Job.Value, Attempt = attempt.Number, Request = UnsafeByteOperations.UnsafeWrap(part) },
        };
    }
}
