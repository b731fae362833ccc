using System.Net.WebSockets;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>Opens the WebSocket.</summary>
internal static class GatewayDialer
{
    /// <summary>Dials a gateway.</summary>
    /// <returns>The open socket, or how it ended.</returns>
    public static async Task<(FrameSocket? Socket, LinkEnd? End)> DialAsync(GatewayAddress gateway, CancellationToken ct)
    {
        // A redirect would sign in at a host that the owner did not name. A proxy may lie between a node and the world, never
        // between a node and its own machine.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !gateway.Link.IsLoopback };
        using var invoker = new HttpMessageInvoker(handler);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(LinkLimits.Subprotocol);
        socket.Options.KeepAliveInterval = LinkLimits.PingInterval;
        socket.Options.KeepAliveTimeout = LinkLimits.PingTimeout;
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(gateway.Link, invoker, ct);
            if (socket.SubProtocol == LinkLimits.Subprotocol)
                return (new FrameSocket(socket), null);
            socket.Dispose();
            return (null, new LinkEnd(LinkEndKind.Unreachable, $"{gateway.Link} does not speak {LinkLimits.Subprotocol}; is it a Flotilla gateway?"));
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            return (null, new LinkEnd(LinkEndKind.Unreachable, status != 0 && status != 101
                ? $"{gateway.Link} answered HTTP {status} instead of opening a WebSocket."
                : $"{gateway.Link} cannot be reached: {e.InnerException?.Message ?? e.Message}"));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
