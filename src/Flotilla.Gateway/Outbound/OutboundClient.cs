using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Flotilla.Gateway.Outbound;

/// <summary>HTTP to addresses that strangers named. A name is resolved once, every address behind it is checked, and the connection goes to those.</summary>
/// <remarks>
/// No redirect, no proxy, no cookie, no credentials, no decompression, no tracing header. What passes here needs no check before it: a name
/// that is public when a webhook is made may be private when it is called.
/// </remarks>
internal sealed class OutboundClient : IDisposable
{
    private readonly OutboundRules _rules;
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpMessageInvoker _http;

    /// <summary>Prepares the client, which resolves names as this machine does.</summary>
    public OutboundClient(OutboundRules rules, TimeProvider time)
        : this(rules, time, Dns.GetHostAddressesAsync)
    {
    }

    /// <summary>Prepares a client with a resolver of its own.</summary>
    internal OutboundClient(OutboundRules rules, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        _rules = rules;
        _time = time;
        _resolve = resolve;
        // An invoker, because a client would buffer answers by a limit of its own.
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = OutboundLimits.ConnectTime,
            MaxConnectionsPerServer = OutboundLimits.ConnectionsPerHostMax,
            MaxResponseHeadersLength = OutboundLimits.HeadersKilobytes,
            MaxResponseDrainSize = OutboundLimits.DiscardedBytesMax,
            ResponseDrainTimeout = OutboundLimits.DrainTime,
            PooledConnectionLifetime = OutboundLimits.ConnectionLifetime,
        });
    }

    /// <summary>Fetches what is there.</summary>
    /// <param name="url">Where.</param>
    /// <param name="bytesMax">The most that the answer may have; memory grows with what arrives.</param>
    /// <param name="ct">Gives up; then an <see cref="OperationCanceledException"/> is thrown.</param>
    public async Task<OutboundResult> GetAsync(OutboundUrl url, int bytesMax, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url.Address);
        return await SendAsync(request, (response, call) => ReadAsync(response, bytesMax, call), ct);
    }

    /// <summary>Posts a JSON body; of the answer only the status counts, its body is discarded.</summary>
    /// <param name="url">Where.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="headers">Headers of the request, beside those of the body.</param>
    /// <param name="ct">Gives up; then an <see cref="OperationCanceledException"/> is thrown.</param>
    public async Task<OutboundResult> PostAsync(OutboundUrl url, ReadOnlyMemory<byte> json, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url.Address) { Content = new ReadOnlyMemoryContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await SendAsync(request, (response, _) => Task.FromResult<OutboundResult>(new OutboundAnswer((int)response.StatusCode, ContentType(response), default)), ct);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<OutboundResult> SendAsync(HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<OutboundResult>> read, CancellationToken ct)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("flotilla", null));
        using var late = new CancellationTokenSource(OutboundLimits.CallTime, _time);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            using var response = await _http.SendAsync(request, call.Token);
            return await read(response, call.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Also the handler's own time to connect.
            return OutboundFault.TimedOut;
        }
        catch (HttpRequestException failure)
        {
            return failure switch
            {
                { InnerException: RefusedAddressException } => OutboundFault.AddressRefused,
                { InnerException: OperationCanceledException } => OutboundFault.TimedOut,
                { HttpRequestError: HttpRequestError.SecureConnectionError } => OutboundFault.NotSecure,
                { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } or { InnerException: SocketException } => OutboundFault.Unreachable,
                _ => OutboundFault.Broken,
            };
        }
        catch (IOException)
        {
            return OutboundFault.Broken;
        }
    }

    private static async Task<OutboundResult> ReadAsync(HttpResponseMessage response, int bytesMax, CancellationToken ct)
    {
        if (response.Content.Headers.ContentLength > bytesMax)
            return OutboundFault.TooLarge;
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[GatewayLimits.CopyBufferBytes];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            if (body.Length + count > bytesMax)
                return OutboundFault.TooLarge;
            body.Write(buffer, 0, count);
        }

        return new OutboundAnswer((int)response.StatusCode, ContentType(response), body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static string? ContentType(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var addresses = await _resolve(context.DnsEndPoint.Host, ct);
        // All of them: a name with a private address among public ones has no honest reason.
        if (addresses.Length is 0 or > OutboundLimits.AddressesMax || !addresses.All(_rules.Allows))
            throw new RefusedAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the refusal through the handler, which knows no values.</summary>
    private sealed class RefusedAddressException : IOException;
}
