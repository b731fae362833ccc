using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Flotilla.Gateway.Tests.Outbound;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Webhooks;
using Flotilla.Testing;

namespace Flotilla.Gateway.Tests.Webhooks;

/// <summary>Receivers that never answer, and a delivery that is broken: they are in nobody else's way.</summary>
public sealed class FairnessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_namespace_is_served_at_once_while_two_others_wait_for_receivers_that_hang()
    {
        // The clock stands still: an attempt that hangs, hangs.
        await using var fixture = await WebhookFixture.StartAsync(time: new ManualTimeProvider());
        var gateway = fixture.Gateway;
        await using var silence = new Silence(2 * WebhookLimits.PerNamespaceMax);
        for (var hog = 0; hog < 2; hog++)
        {
            var key = (await gateway.AddNamespaceAsync($"hog{hog}")).Key;
            for (var webhook = 0; webhook < WebhookLimits.PerNamespaceMax; webhook++)
                await MakeAsync(gateway, key, silence.Urls[(hog * WebhookLimits.PerNamespaceMax) + webhook]);
        }

        // What waits at a start is sent at once, as many as go to one webhook.
        await gateway.RestartAsync(folder => WebhookFixture.Change(folder,
            $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {WebhookLimits.AtOncePerWebhook})
            INSERT INTO webhook_delivery (id, webhook_id, namespace_id, event_id, type, body, status, created_ms, next_ms)
            SELECT 'dlv_' || i || id, id, namespace_id, 'evt_' || i, 'webhook.test', x'7b7d', 1, created_ms, created_ms FROM webhook, n
            """));

        // Each has as many turns as it leaves free; both would have more than there are.
        while (silence.Callers < 2 * (WebhookLimits.AtOnceMax / 3))
            await silence.CalledAsync();
        var served = await fixture.TestAsync(await fixture.MakeIdAsync(["job.*"]));

        Assert.Equal(served, (await fixture.Receiver.NextAsync()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task A_delivery_on_which_the_gateway_fails_counts_as_failed_and_the_others_go_on()
    {
        var time = new ManualTimeProvider();
        await using var fixture = await WebhookFixture.StartAsync(time: time);
        var webhook = await fixture.MakeIdAsync(["job.*"]);
        fixture.Receiver.Answer(500);
        await fixture.TestAsync(webhook);
        await fixture.WhenAsync(webhook, d => d.GetProperty("attempts").GetInt32() == 1);
        await fixture.Receiver.NextAsync();
        // No header can have a line's end in it.
        await fixture.Gateway.RestartAsync(folder => WebhookFixture.Change(folder, "UPDATE webhook_delivery SET event_id = 'evt' || char(10), next_ms = 0"));

        var broken = await fixture.WhenAsync(webhook, d => d.GetProperty("attempts").GetInt32() == 2);
        var good = await fixture.TestAsync(webhook);

        Assert.Equal(good, (await fixture.Receiver.NextAsync()).Headers["webhook-id"]);
        Assert.Equal("waiting", broken.GetProperty("status").GetString());
        Assert.Contains("The gateway failed", broken.GetProperty("error").GetString(), StringComparison.Ordinal);
        await fixture.WhenAsync(webhook, d => d.GetProperty("status").GetString() == "delivered");
    }

    [Fact]
    public async Task A_namespace_takes_no_more_turns_than_it_leaves_free_and_who_waits_is_served_in_its_order()
    {
        var turns = new Turns(6);
        Task Take(string owner, CancellationToken? stop = null) => turns.TakeAsync(owner, stop ?? Cancellation);
        Assert.All([Take("a"), Take("a"), Take("a")], turn => Assert.True(turn.IsCompletedSuccessfully));
        using var stop = new CancellationTokenSource();
        var (stopped, first, second) = (Take("a", stop.Token), Take("a"), Take("a"));
        Assert.All([Take("b"), Take("b")], turn => Assert.True(turn.IsCompletedSuccessfully));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);

        turns.Leave("a");
        Assert.Equal((false, false), (first.IsCompleted, second.IsCompleted));
        turns.Leave("a");
        await first.WaitAsync(Cancellation);
        Assert.False(second.IsCompleted);
        turns.Leave("b");
        await second.WaitAsync(Cancellation);
        Assert.True(Take("c").IsCompletedSuccessfully);
    }

    private static async Task MakeAsync(GatewayFixture gateway, string key, string url)
    {
        using var made = await gateway.PostAsync("/v1/webhooks", $$"""{"url":"{{url}}","events":["job.*"]}""", key);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
    }

    /// <summary>Ports that take every connection and never say a word.</summary>
    private sealed class Silence : IAsyncDisposable
    {
        private readonly TcpListener[] _listeners;
        private readonly ConcurrentBag<TcpClient> _callers = [];
        private readonly SemaphoreSlim _called = new(0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _taking;

        public Silence(int count)
        {
            _listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
            Array.ForEach(_listeners, listener => listener.Start());
            Urls = [.. _listeners.Select(listener => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/")];
            _taking = Task.WhenAll(_listeners.Select(TakeAsync));
        }

        public string[] Urls { get; }

        public int Callers => _callers.Count;

        public Task CalledAsync() => _called.WaitAsync(Cancellation);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _taking;
            Array.ForEach(_listeners, listener => listener.Dispose());
            foreach (var caller in _callers)
                caller.Dispose();
            _stop.Dispose();
            _called.Dispose();
        }

        private async Task TakeAsync(TcpListener listener)
        {
            try
            {
                while (true)
                {
                    _callers.Add(await listener.AcceptTcpClientAsync(_stop.Token));
                    _called.Release();
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
