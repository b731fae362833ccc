using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Stages;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>A client's own request, made into a call of the gateway to itself, so that it can go on without the client, or for several.</summary>
internal static class ClientCall
{
    private static readonly string[] NotHandedOn = ["Authorization", "x-api-key", IdempotencyKey.Header, "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Host"];

    /// <summary>Reads the body to its end; the server holds it to its limit.</summary>
    public static async ValueTask<byte[]> ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var body = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }

    /// <summary>SHA-256 of the path and the content: what makes two requests of one caller the same.</summary>
    public static byte[] Fingerprint(HttpContext http, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(http.Request.Path + "\n"));
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    /// <summary>The call. It has a share of the request's turn, which its runner gives back.</summary>
    public static InternalCall Of(HttpContext http, Caller caller, byte[] body, JobId job)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in http.Request.Headers)
        {
            if (!NotHandedOn.Contains(name, StringComparer.OrdinalIgnoreCase))
                headers[name] = value;
        }

        return new InternalCall
        {
            Path = http.Request.Path,
            Body = PipeReader.Create(new ReadOnlySequence<byte>(body)),
            ContentType = http.Request.ContentType ?? "application/json",
            Caller = caller,
            Headers = headers,
            MayDefer = true,
            Request = RequestFeature.Of(http).Id,
            Job = job,
            // The run's own: a client that leaves does not free it.
            Turn = Turn.Of(http)?.Share(),
        };
    }
}
