using System.Text.Json;
using Flotilla.Gateway.Tests.Outbound;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.Webhooks;

/// <summary>A gateway that may call receivers on this machine, and one such receiver.</summary>
internal sealed class WebhookFixture : IAsyncDisposable
{
    private WebhookFixture(GatewayFixture gateway, Receiver receiver) => (Gateway, Receiver) = (gateway, receiver);

    public GatewayFixture Gateway { get; }

    public Receiver Receiver { get; }

    public static async Task<WebhookFixture> StartAsync(Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null) => new(
        await GatewayFixture.StartAsync(configure: o => (configure ?? (same => same))(o with { Outbound = Receiver.Allowed }), time: time), await Receiver.StartAsync());

    public Task<TestNode> AddNodeAsync() => Gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

    /// <summary>Makes a webhook to the receiver.</summary>
    /// <param name="events">Filters.</param>
    /// <param name="more">More fields.</param>
    public async Task<JsonElement> MakeAsync(string[] events, string more = "")
    {
        using var response = await Gateway.PostAsync("/v1/webhooks", $$"""{"url":"{{Receiver.Url}}","events":{{JsonSerializer.Serialize(events)}}{{more}}}""");
        var made = await GatewayFixture.JsonAsync(response);
        Assert.True(response.IsSuccessStatusCode, made.GetRawText());
        return made;
    }

    /// <summary>Makes a webhook; its id is all that matters.</summary>
    public async Task<string> MakeIdAsync(string[] events, string more = "") => (await MakeAsync(events, more)).GetProperty("id").GetString()!;

    /// <summary>A chat; its job's id.</summary>
    public async Task<string> ChatAsync(string model = GatewayFixture.Model)
    {
        using var chat = await Gateway.ChatAsync(model: model);
        Assert.True(chat.IsSuccessStatusCode);
        await chat.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return chat.Headers.GetValues("x-flotilla-job-id").Single();
    }

    /// <summary>Has a test event sent; its id.</summary>
    public async Task<string> TestAsync(string webhook)
    {
        using var response = await Gateway.PostAsync($"/v1/webhooks/{webhook}/test", "");
        return (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
    }

    /// <summary>A webhook's deliveries, the newest first.</summary>
    public async Task<JsonElement[]> DeliveriesAsync(string webhook)
    {
        using var response = await Gateway.GetAsync($"/v1/webhooks/{webhook}/deliveries");
        return [.. (await GatewayFixture.JsonAsync(response)).GetProperty("data").EnumerateArray()];
    }

    /// <summary>Waits until the newest delivery is as it should be: an attempt is stored after its answer.</summary>
    public async Task<JsonElement> WhenAsync(string webhook, Func<JsonElement, bool> isSo)
    {
        while (true)
        {
            if (await DeliveriesAsync(webhook) is [var newest, ..] && isSo(newest))
                return newest;
        }
    }

    /// <summary>Changes the stopped gateway's tables, as a crash would leave them.</summary>
    public static void Change(string folder, string sql)
    {
        using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
        state.Open();
        using var command = state.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
