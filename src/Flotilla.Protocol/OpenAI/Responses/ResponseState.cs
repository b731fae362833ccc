using System.Buffers;
using System.Text;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A response that has no output: one that waits or runs in the background, or came to nothing.</summary>
public static class ResponseState
{
    /// <summary>Writes the response object.</summary>
    /// <param name="request">The request.</param>
    /// <param name="head">Id, time and model.</param>
    /// <param name="status"><c>queued</c>, <c>in_progress</c>, <c>failed</c> or <c>cancelled</c>.</param>
    /// <param name="error">Why it failed.</param>
    public static ReadOnlyMemory<byte> Write(TextInference request, AnswerHead head, string status, ResponseError? error = null)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        new ResponseOutput(request, head).Write(output, Encoding.ASCII.GetBytes(status), usage: null, error);
        return output.WrittenMemory;
    }
}
