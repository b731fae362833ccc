using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Flotilla.GatewayBench;

/// <summary>What it costs to be answered later: a request that is polled, a batch of one line, and the largest batch there is.</summary>
internal static class LaterMeasurement
{
    private const int WarmUps = 1_000;
    private const int Samples = 2_000;
    private const int Lines = 50_000;
    private const int Words = 4;

    private static readonly string Chat = $$"""{"model":"{{Workload.Model}}","max_tokens":16,"messages":[{"role":"user","content":"{{new string('a', 300)}}"}]}""";

    /// <summary>The same chat at once, polled, and as a batch of one line; one after the other, in turns.</summary>
    public static async Task<int> PollingAsync()
    {
        using var fleet = await Fleet.StartAsync(Words);
        List<double> whole = [], polled = [], batched = [];
        for (var i = 0; i < WarmUps + Samples; i++)
        {
            var times = (await TimeAsync(() => Fleet.PostAsync(fleet.Http, "/v1/chat/completions", Chat)), await TimeAsync(() => PollAsync(fleet)), await TimeAsync(() => BatchAsync(fleet)));
            if (i < WarmUps)
                continue;
            whole.Add(times.Item1);
            polled.Add(times.Item2);
            batched.Add(times.Item3);
        }

        foreach (var (name, times) in new[] { ("synchronous", whole), ("polled", polled), ("batch of one line", batched) })
        {
            times.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: p50 {times[Samples / 2]:0.00} ms, p99 {times[Samples * 99 / 100]:0.00} ms, added at p50 {times[Samples / 2] - whole[Samples / 2]:0.00} ms"));
        }

        return 0;
    }

    /// <summary>The largest batch, and the memory that it takes.</summary>
    public static async Task<int> BatchesAsync()
    {
        using var fleet = await Fleet.StartAsync(Words);
        // The first pass is compiled while it runs.
        await RunAsync(fleet, Lines / 10);
        var (seconds, megabytes) = await RunAsync(fleet, Lines);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Lines} lines in {seconds:0.0} s: {Lines / seconds:0} lines/s; the gateway had {megabytes:0} MB at most, the node {fleet.Node.ResidentMegabytes:0} MB"));
        return 0;
    }

    private static async Task<(double Seconds, double Megabytes)> RunAsync(Fleet fleet, int lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
            text.Append(CultureInfo.InvariantCulture, $$"""{"custom_id":"c{{i}}","method":"POST","url":"/v1/chat/completions","body":{{Chat}}}""").Append('\n');
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(text.ToString())), "file", "in.jsonl" } };
        using var uploaded = await fleet.Http.PostAsync(new Uri("/v1/files", UriKind.Relative), form);
        var file = JsonElement.Parse(await uploaded.Content.ReadAsByteArrayAsync()).GetProperty("id").GetString();
        var started = Stopwatch.GetTimestamp();
        var batch = await Fleet.PostAsync(fleet.Http, "/v1/batches", $$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions","completion_window":"24h"}""");
        var most = 0.0;
        while (!IsOver(batch))
        {
            most = Math.Max(most, fleet.Gateway.ResidentMegabytes);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            batch = await StateAsync(fleet, batch);
        }

        if (batch.GetProperty("request_counts").GetProperty("completed").GetInt32() != lines)
            throw new InvalidOperationException($"The batch came to this end: {batch}");
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, most);
    }

    private static async Task PollAsync(Fleet fleet)
    {
        var accepted = await Fleet.PostAsync(fleet.Http, "/v1/chat/completions", Chat, ("Prefer", "respond-async"));
        using var result = await fleet.Http.GetAsync(new Uri(accepted.GetProperty("result_url").GetString() + "?wait=60", UriKind.Relative));
        result.EnsureSuccessStatusCode();
        await result.Content.ReadAsByteArrayAsync();
    }

    // Nothing announces the end of a batch, so that the last question is part of what is measured.
    private static async Task BatchAsync(Fleet fleet)
    {
        var batch = await Fleet.PostAsync(fleet.Http, "/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{Chat}}}]}""");
        while (!IsOver(batch))
            batch = await StateAsync(fleet, batch);
        using var output = await fleet.Http.GetAsync(new Uri($"/v1/files/{batch.GetProperty("output_file_id").GetString()}/content", UriKind.Relative));
        output.EnsureSuccessStatusCode();
    }

    private static async Task<JsonElement> StateAsync(Fleet fleet, JsonElement batch) =>
        JsonElement.Parse(await fleet.Http.GetByteArrayAsync(new Uri($"/v1/batches/{batch.GetProperty("id").GetString()}", UriKind.Relative)));

    private static bool IsOver(JsonElement batch) => batch.GetProperty("status").GetString() is "completed" or "failed" or "expired" or "cancelled";

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
