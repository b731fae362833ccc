using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>Puts a job's request together from the Job frame and its JobParts.</summary>
internal sealed class RequestAssembly
{
    private readonly TaskCompletionSource<byte[]> _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly long _length;

    private RequestAssembly(long length) => _length = length;

    /// <summary>Bytes that are still to come.</summary>
    public long Missing => _length - _bytes.WrittenCount;

    /// <summary>The whole request, once it is there.</summary>
    public Task<byte[]> Whole => _whole.Task;

    /// <summary>Begins with what the Job frame holds.</summary>
    /// <returns>Null and what is wrong where its sizes break the protocol.</returns>
    public static (RequestAssembly? Assembly, string? Violation) Begin(Job job)
    {
        if (job.RequestBytes is 0 or > LinkLimits.RequestBytesMax)
            return (null, $"a Job announces a request of {job.RequestBytes} bytes; it has 1 to {LinkLimits.RequestBytesMax}");
        var assembly = new RequestAssembly(job.RequestBytes);
        var violation = assembly.Append(job.Request.Span);
        return violation is null ? (assembly, null) : (null, violation);
    }

    /// <summary>Takes in the next part; memory grows with what arrives, not with what was announced.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Append(ReadOnlySpan<byte> part)
    {
        if (part.Length > LinkLimits.RequestPartBytesMax)
            return $"a frame holds {part.Length} request bytes; the limit is {LinkLimits.RequestPartBytesMax}";
        if (part.Length > Missing)
            return $"a request has more than the {_length} bytes that its Job announced";
        _bytes.Write(part);
        if (Missing == 0)
            _whole.TrySetResult(_bytes.WrittenSpan.ToArray());
        return null;
    }
}
