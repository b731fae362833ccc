using System.Net.Http.Headers;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Node.Runtimes;

/// <summary>HTTP to one upstream: no proxy, no redirect, no cookie, no decompression, nothing unbounded.</summary>
internal sealed class UpstreamClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly string _base;
    private readonly string? _apiKey;

    /// <summary>Prepares the client; nothing is dialled yet.</summary>
    public UpstreamClient(UpstreamOptions options)
    {
        _base = options.BaseUrl.AbsoluteUri.TrimEnd('/') + "/";
        _apiKey = options.ApiKey;
        // An invoker, because a client would wait for whole answers; and nothing that would carry the key to another host.
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = NodeLimits.UpstreamConnectTimeout,
            PooledConnectionLifetime = NodeLimits.UpstreamConnectionLifetime,
            MaxResponseHeadersLength = NodeLimits.UpstreamHeadersKilobytes,
            ResponseDrainTimeout = TimeSpan.Zero,
        });
    }

    /// <summary>Sends a request; the answer's body is not read yet, and disposing the answer drops the connection.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        var request = new HttpRequestMessage(method, _base + path) { Content = body };
        if (_apiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _apiKey);
        return _http.SendAsync(request, ct);
    }

    /// <summary>A body of JSON.</summary>
    public static HttpContent Json(byte[] json) => new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>A body of a form; its files are not copied.</summary>
    public static HttpContent Form(FormBody form)
    {
        var body = new MultipartFormDataContent();
        foreach (var part in form.Parts)
        {
            var content = new ReadOnlyMemoryContent(part.Content);
            // In quotes: not every server reads names without them. Ours hold none.
            content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = $"\"{part.Name}\"" };
            if (part.FileName is not null)
            {
                content.Headers.ContentDisposition.FileName = $"\"{part.FileName}\"";
                content.Headers.ContentType = new MediaTypeHeaderValue(part.MediaType ?? "application/octet-stream");
            }

            body.Add(content);
        }

        return body;
    }

    /// <summary>Reads a short body whole; what is longer is cut off.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadShortAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var buffer = new byte[NodeLimits.UpstreamBodyBytesMax];
        return buffer.AsMemory(0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct));
    }

    /// <summary>Reads a body whole; memory grows with what arrives.</summary>
    /// <exception cref="InvalidDataException">It is longer than that.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int bytesMax, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            if (body.Length + count > bytesMax)
                throw new InvalidDataException($"its answer has more than {bytesMax} bytes");
            body.Write(buffer, 0, count);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();
}
