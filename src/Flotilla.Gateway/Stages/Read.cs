using System.Buffers;
using System.IO.Pipelines;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>What is asked: the body becomes a validated request; wire JSON ends here.</summary>
internal static class Read
{
    public static async ValueTask<Result<InferenceRequest>> RequestAsync(HttpContext http, InferenceEndpoint endpoint)
    {
        if (Compressed(http) is { } compressed)
            return compressed;
        var dialect = Dialect.Of(endpoint);
        if (dialect.ReadsForms && (http.Request.HasFormContentType || !dialect.ReadsJson))
        {
            if ((await ReadForm.FormAsync(http)).Failed(out var notForm, out var form))
                return notForm;
            return dialect.TryRead(form, out var fromForm) is { } fault ? fault : fromForm!;
        }

        var reader = http.Request.BodyReader;
        var read = await WholeAsync(http, reader);
        try
        {
            ReadOnlyMemory<byte> body = read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray();
            return dialect.TryRead(body, out var request) is { } error ? error : request!;
        }
        finally
        {
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>Why the body is not read; null where it is.</summary>
    public static ApiError? Compressed(HttpContext http) => http.Request.Headers.ContentEncoding.Count > 0
        ? new ApiError(ApiErrorCode.InvalidRequest, "A compressed request body is not accepted; send it without Content-Encoding.")
        : null;

    /// <summary>The bytes of a body, for whoever keeps them.</summary>
    public static async ValueTask<byte[]> BodyAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        var read = await WholeAsync(http, reader);
        var body = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }

    private static async ValueTask<ReadResult> WholeAsync(HttpContext http, PipeReader reader)
    {
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return read;
    }
}
