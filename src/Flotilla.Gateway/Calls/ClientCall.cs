using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.Gateway.Calls;

/// <summary>A client's own request, made into a call of the gateway to itself, so that it can go on without the client, or for several.</summary>
internal static class ClientCall
{
    private static readonly string[] NotHandedOn = ["Authorization", "x-api-key", IdempotencyKey.Header, "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Host"];

    /// <summary>Whether a request asks for something that it may ask for again. A file is too long to be held until it is told from another: its route does that while it stores it.</summary>
    public static bool MayComeAgain(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method) && RequestFeature.Of(http).Call is null
        && http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) && !http.Request.Path.StartsWithSegments(FileRoutes.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body of such a request to its end.</summary>
    /// <returns>The body, and what makes two requests of one caller the same: SHA-256 of the path, the query and the content, which of a form are its parts, whatever its boundary.</returns>
    public static async ValueTask<(byte[] Body, byte[] Fingerprint)> TakeAsync(HttpContext http)
    {
        var isForm = http.Request.HasFormContentType;
        if (isForm && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = OpenAiLimits.FormBytesMax;
        var body = await Read.BodyAsync(http);
        // What is no form that can be read is refused by its route, and by its bytes like any other.
        var content = isForm && !(await ReadForm.DigestAsync(http.Request.ContentType, body, http.RequestAborted)).Failed(out _, out var digest) ? digest : body;
        return (body, Fingerprint(http, content));
    }

    /// <summary>SHA-256 of the path, the query and the content.</summary>
    public static byte[] Fingerprint(HttpContext http, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Path}{http.Request.QueryString}\n"));
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
            Query = http.Request.QueryString.Value ?? "",
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
