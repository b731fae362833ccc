using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Outbound;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Outbound;
using Flotilla.Gateway.Webhooks;
using Flotilla.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Gateway.Tests.Webhooks;

/// <summary>The queue of deliveries and the courier, without a gateway around them.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private static readonly NamespaceId Owner = new("ns_1");
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-webhooks-").FullName;
    private readonly ManualTimeProvider _time = new();
    private StateStore _state = null!;
    private WebhookTable _webhooks = null!;
    private DeliveryTable _deliveries = null!;
    private WebhookBook _book = null!;

    public ValueTask InitializeAsync()
    {
        _state = StateStore.Open(_folder);
        _webhooks = new WebhookTable(_state);
        _deliveries = new DeliveryTable(_state, SystemIdSource.Instance);
        _book = new WebhookBook(_webhooks, SystemIdSource.Instance, _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _state.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_delivery_that_never_arrives_is_given_up_after_three_days_of_growing_pauses()
    {
        var webhook = await AddAsync("wh_1", "http://127.0.0.1:1/");
        var rules = new OutboundRules(new GatewayOptions { DataFolder = _folder, Outbound = Receiver.Allowed });
        using var client = new OutboundClient(rules, _time);
        var courier = new Courier(_deliveries, client, rules, new CountingIdSource(), _time, NullLogger<Courier>.Instance);
        await HappenAsync(webhook);
        var began = _time.GetUtcNow();
        List<TimeSpan> pauses = [];
        while (_deliveries.Next(webhook.Id, 1) is [var row])
        {
            var due = DateTimeOffset.FromUnixTimeMilliseconds(row.NextMs!.Value);
            pauses.Add(due - _time.GetUtcNow());
            _time.Advance(due - _time.GetUtcNow());
            await courier.DeliverAsync(webhook, row, TestContext.Current.CancellationToken);
        }

        var last = Assert.Single(_deliveries.List(webhook.Id, null, 10));
        Assert.Equal((DeliveryStatus.GivenUp, pauses.Count, null, null), (last.Status, (int)last.Attempts, last.Body, last.NextMs));
        Assert.Equal(OutboundFault.Unreachable.Sentence(), last.Fault);
        Assert.InRange(_time.GetUtcNow() - began, WebhookLimits.Age - WebhookLimits.PauseMax, WebhookLimits.Age);
        Assert.Equal((TimeSpan.Zero, 0L), (pauses[0], Waiting()));
        for (var attempt = 1; attempt < pauses.Count; attempt++)
            Assert.InRange(pauses[attempt], Courier.Pause(attempt, 1) - TimeSpan.FromMilliseconds(1), Courier.Pause(attempt, 0));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 80)]
    [InlineData(13, 20_480)]
    [InlineData(14, 21_600)]
    [InlineData(long.MaxValue, 21_600)]
    public void A_pause_is_twice_the_one_before_up_to_six_hours_and_half_of_it_is_chance(long attempts, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Courier.Pause(attempts, 0));
        Assert.Equal(TimeSpan.FromSeconds(seconds / 2.0), Courier.Pause(attempts, 1));
    }

    [Fact]
    public async Task A_full_queue_drops_what_comes_and_counts_it()
    {
        var webhook = await AddAsync("wh_1", "http://127.0.0.1:1/");
        await HappenAsync(webhook);
        await _state.WriteAsync(db => db.Execute("UPDATE stored SET items = @WaitingMax WHERE kind = 'delivery'", new { WebhookLimits.WaitingMax }));
        await HappenAsync(webhook);
        Assert.Single(_deliveries.List(webhook.Id, null, 10));
        Assert.Equal(1, _webhooks.Find(Owner, webhook.Id)!.Dropped);
    }

    [Fact]
    public async Task What_is_over_counts_no_more_and_is_forgotten_in_time()
    {
        var webhook = await AddAsync("wh_1", "http://127.0.0.1:1/");
        await HappenAsync(webhook);
        await HappenAsync(webhook);
        Assert.Equal(2, Waiting());
        var row = _deliveries.Next(webhook.Id, 1)[0];
        await _deliveries.SaveAsync(row with { Status = DeliveryStatus.Delivered, Body = null, NextMs = null, EndedMs = 5_000 });
        Assert.Equal(1, Waiting());

        Assert.False(await _deliveries.ForgetAsync(DateTimeOffset.FromUnixTimeMilliseconds(5_000)));
        Assert.Equal(2, _deliveries.List(webhook.Id, null, 10).Count);
        Assert.False(await _deliveries.ForgetAsync(DateTimeOffset.FromUnixTimeMilliseconds(5_001)));
        Assert.Equal(DeliveryStatus.Waiting, Assert.Single(_deliveries.List(webhook.Id, null, 10)).Status);
    }

    [Fact]
    public async Task Of_what_is_over_the_newest_are_shown()
    {
        var webhook = await AddAsync("wh_1", "http://127.0.0.1:1/");
        await _state.WriteAsync(db => db.Execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
            INSERT INTO webhook_delivery (id, webhook_id, namespace_id, event_id, type, status, created_ms, ended_ms) SELECT printf('dlv_%08d', i), 'wh_1', 'ns_1', 'evt', 't', 2, 0, 9 FROM n
            """, new { count = WebhookLimits.ShownMax + StateLimits.SweptAtOnceMax + 1 }));
        Assert.True(await _deliveries.ForgetAsync(DateTimeOffset.UnixEpoch));
        Assert.False(await _deliveries.ForgetAsync(DateTimeOffset.UnixEpoch));
        Assert.Equal(WebhookLimits.ShownMax, _deliveries.List(webhook.Id, null, int.MaxValue).Count);
        Assert.Equal($"dlv_{WebhookLimits.ShownMax + StateLimits.SweptAtOnceMax + 1:D8}", _deliveries.List(webhook.Id, null, 1)[0].Id);
    }

    [Fact]
    public async Task A_deleted_webhook_gets_nothing_and_goes_with_its_deliveries()
    {
        var webhook = await AddAsync("wh_1", "http://127.0.0.1:1/");
        var happened = _book.Event([webhook], "webhook.test", WebhookBook.Named("x"))!;
        await _deliveries.AddAsync(happened);
        Assert.True(await _book.DeleteAsync(Owner, webhook.Id));
        // Who looked before the deletion comes too late.
        await _deliveries.AddAsync(happened);
        Assert.Single(_deliveries.List(webhook.Id, null, 10));
        Assert.Null(_webhooks.Find(Owner, webhook.Id));

        Assert.False(await _deliveries.ForgetAsync(DateTimeOffset.UnixEpoch));
        Assert.Empty(_deliveries.List(webhook.Id, null, 10));
        Assert.Equal((0L, 0L), (Waiting(), _state.Read(db => db.ExecuteScalar<long>("SELECT count(*) FROM webhook"))));
    }

    private long Waiting() => _state.Read(db => Stored.Of(db, Owner.Value, Stored.Deliveries)).Items;

    private async Task<Webhook> AddAsync(string id, string url) =>
        (await _book.TryAddAsync(new WebhookRow { Id = id, NamespaceId = Owner.Value, Url = url, Secret = new byte[32], Events = "[\"*\"]", CreatedMs = 1 }, place: 0))!;

    private Task HappenAsync(Webhook webhook) => _deliveries.AddAsync(_book.Event([webhook], "webhook.test", WebhookBook.Named("x"))!);
}
