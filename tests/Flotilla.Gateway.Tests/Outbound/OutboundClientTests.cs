using System.Net;
using System.Net.Sockets;
using System.Text;
using Flotilla.Gateway.Outbound;
using Flotilla.Gateway.Tests.Nodes;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Tests.Outbound;

/// <summary>The client for addresses of strangers, against real sockets.</summary>
public sealed class OutboundClientTests : IAsyncLifetime
{
    private static readonly IPAddress Public = IPAddress.Parse("8.8.8.8");
    private Receiver _receiver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task What_is_there_is_fetched_with_its_type_and_without_more_than_is_needed()
    {
        _receiver.Answer(async http =>
        {
            http.Response.ContentType = "Image/PNG; charset=x";
            http.Response.Headers.SetCookie = "a=b";
            await http.Response.WriteAsync("pixels", Cancellation);
        });
        _receiver.Answer(200);
        using var client = Client(Receiver.Allowed);

        var answer = Answered(await client.GetAsync(Url(_receiver.Url + "?q=1"), 6, Cancellation));
        Assert.Equal((200, "image/png", "pixels"), (answer.Status, answer.ContentType, Encoding.UTF8.GetString(answer.Body.Span)));
        Answered(await client.GetAsync(Url(_receiver.Url), 6, Cancellation));

        var first = await _receiver.NextAsync();
        Assert.Equal(("GET", "/hook?q=1"), (first.Method, first.Path));
        Assert.Equal(["Host", "User-Agent"], first.Headers.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Cookie", (await _receiver.NextAsync()).Headers.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_is_longer_than_it_may_be_is_not_taken(bool isAnnounced)
    {
        _receiver.Answer(async http =>
        {
            if (isAnnounced)
                http.Response.ContentLength = 7;
            await http.Response.WriteAsync("pix", Cancellation);
            await http.Response.Body.FlushAsync(Cancellation);
            await http.Response.WriteAsync("els!", Cancellation);
        });
        using var client = Client(Receiver.Allowed);
        Assert.Equal(OutboundFault.TooLarge, Fault(await client.GetAsync(Url(_receiver.Url), 6, Cancellation)));
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_nobody_goes_there()
    {
        await using var inside = await Receiver.StartAsync();
        _receiver.Answer(http =>
        {
            http.Response.Redirect(inside.Url);
            return Task.CompletedTask;
        });
        using var client = Client(Receiver.Allowed);
        Assert.Equal(302, Answered(await client.GetAsync(Url(_receiver.Url), 100, Cancellation)).Status);
        Assert.False(inside.HasMore);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("8.8.8.8,127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("2002:7f00:1::")]
    [InlineData("64:ff9b::7f00:1")]
    public async Task A_name_with_an_address_that_is_not_public_is_not_called(string addresses)
    {
        using var client = Client(new OutboundOptions { AllowHttp = true }, name => addresses.Split(','));
        Assert.Equal(OutboundFault.AddressRefused, Fault(await client.GetAsync(Named(), 100, Cancellation)));
        Assert.Equal(OutboundFault.AddressRefused, Fault(await client.PostAsync(Named(), "{}"u8.ToArray(), [], Cancellation)));
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task A_name_is_asked_for_once_and_what_was_checked_is_connected_to()
    {
        var asked = new List<string>();
        using var client = Client(Receiver.Allowed, name =>
        {
            asked.Add(name);
            // Another address at each question, as rebinding has it: the second would be refused.
            return [asked.Count == 1 ? "127.0.0.1" : "10.0.0.1"];
        });
        Assert.Equal(204, Answered(await client.GetAsync(Named(), 100, Cancellation)).Status);
        Assert.Equal(["hooks.example"], asked);
        Assert.Equal($"hooks.example:{_receiver.Port}", (await _receiver.NextAsync()).Headers["Host"]);
    }

    [Fact]
    public async Task A_name_with_too_many_addresses_or_none_is_not_called()
    {
        using var many = Client(Receiver.Allowed, _ => Enumerable.Repeat("127.0.0.1", OutboundLimits.AddressesMax + 1));
        Assert.Equal(OutboundFault.AddressRefused, Fault(await many.GetAsync(Named(), 100, Cancellation)));
        using var none = Client(Receiver.Allowed, _ => []);
        Assert.Equal(OutboundFault.AddressRefused, Fault(await none.GetAsync(Named(), 100, Cancellation)));
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task Whoever_does_not_answer_in_time_is_given_up()
    {
        var time = new WatchedTimeProvider();
        var hangs = new TaskCompletionSource();
        _receiver.Answer(_ => hangs.Task);
        using var client = new OutboundClient(Rules(Receiver.Allowed), time);
        var call = client.PostAsync(Url(_receiver.Url), "{}"u8.ToArray(), [], Cancellation);
        await _receiver.NextAsync();
        time.Advance(OutboundLimits.CallTime);
        Assert.Equal(OutboundFault.TimedOut, Fault(await call));
        hangs.SetResult();
    }

    [Fact]
    public async Task Whoever_calls_can_give_up_sooner()
    {
        var hangs = new TaskCompletionSource();
        _receiver.Answer(_ => hangs.Task);
        using var stop = new CancellationTokenSource();
        using var client = Client(Receiver.Allowed);
        var call = client.GetAsync(Url(_receiver.Url), 100, stop.Token);
        await _receiver.NextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        hangs.SetResult();
    }

    [Fact]
    public async Task A_port_where_nobody_listens_and_one_that_speaks_no_HTTP_are_faults()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = Client(Receiver.Allowed);
        var call = client.GetAsync(Url($"http://127.0.0.1:{port}/"), 100, Cancellation);
        using (var socket = await listener.AcceptSocketAsync(Cancellation))
            await socket.SendAsync("220 mail.example ESMTP\r\n"u8.ToArray(), Cancellation);
        Assert.Equal(OutboundFault.Broken, Fault(await call));

        var secure = client.GetAsync(Url($"https://127.0.0.1:{port}/"), 100, Cancellation);
        using (var socket = await listener.AcceptSocketAsync(Cancellation))
            await socket.SendAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), Cancellation);
        Assert.Equal(OutboundFault.NotSecure, Fault(await secure));

        listener.Stop();
        Assert.Equal(OutboundFault.Unreachable, Fault(await client.GetAsync(Url($"http://127.0.0.1:{port}/"), 100, Cancellation)));
        using var nowhere = new OutboundClient(Rules(Receiver.Allowed), TimeProvider.System, (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        Assert.Equal(OutboundFault.Unreachable, Fault(await nowhere.GetAsync(Named(), 100, Cancellation)));
    }

    [Fact]
    public async Task A_public_address_needs_no_setting()
    {
        // Nobody is called: the check comes before the connection, which the caller's token ends.
        using var stop = new CancellationTokenSource();
        using var client = new OutboundClient(Rules(new OutboundOptions()), TimeProvider.System, async (_, _) =>
        {
            await stop.CancelAsync();
            return [Public];
        });
        var url = OutboundUrl.Read("https://hooks.example/", Rules(new OutboundOptions()), out _)!;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(url, 100, stop.Token));
    }

    private OutboundUrl Named() => Url($"http://hooks.example:{_receiver.Port}/hook");

    private static OutboundUrl Url(string text) => OutboundUrl.Read(text, Rules(Receiver.Allowed), out var fault) ?? throw new InvalidOperationException(fault);

    private static OutboundRules Rules(OutboundOptions options) => new(new GatewayOptions { DataFolder = "x", Outbound = options });

    private static OutboundClient Client(OutboundOptions options, Func<string, IEnumerable<string>>? addresses = null) => addresses is null
        ? new OutboundClient(Rules(options), TimeProvider.System)
        : new OutboundClient(Rules(options), TimeProvider.System, (name, _) => Task.FromResult<IPAddress[]>([.. addresses(name).Select(IPAddress.Parse)]));

    private static OutboundAnswer Answered(OutboundResult result)
    {
        Assert.False(result.Failed(out var fault, out var answer), fault.ToString());
        return answer!;
    }

    private static OutboundFault Fault(OutboundResult result)
    {
        Assert.True(result.Failed(out var fault, out _));
        return fault;
    }
}
