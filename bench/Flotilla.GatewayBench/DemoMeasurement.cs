using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Flotilla.GatewayBench;

/// <summary>What a newcomer sees: <c>flotilla up</c> with the demo model, one streamed chat after the other over HTTP.</summary>
internal static class DemoMeasurement
{
    private const int WarmUps = 10;
    private const int Chats = 40;
    private const int Tokens = 256;

    public static async Task<int> RunAsync()
    {
        var data = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
        var started = Stopwatch.GetTimestamp();
        using var up = Child.Start("flotilla.dll", "up", "--data", data, "--port", "0");
        var credentials = await Credentials.ReadAsync(data);
        var ready = Stopwatch.GetElapsedTime(started);
        var idle = up.ResidentMegabytes;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Key);
        var first = new List<double>();
        var rates = new List<double>();
        for (var i = 0; i < WarmUps + Chats; i++)
        {
            var (toFirst, perSecond) = await ChatAsync(http, credentials.BaseUrl, i);
            if (i < WarmUps)
                continue;
            first.Add(toFirst);
            rates.Add(perSecond);
        }

        first.Sort();
        rates.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ready after {ready.TotalSeconds:0.00} s; {idle:0} MB idle, {up.ResidentMegabytes:0} MB after {WarmUps + Chats} chats; first token p50 {first[Chats / 2]:0.0} ms, worst {first[^1]:0.0} ms; one stream p50 {rates[Chats / 2]:0} tokens/s, slowest {rates[0]:0} tokens/s"));
        return 0;
    }

    private static async Task<(double FirstMs, double TokensPerSecond)> ChatAsync(HttpClient http, string baseUrl, int number)
    {
        var body = $$"""{"model":"flotilla-demo","stream":true,"ignore_eos":true,"max_tokens":{{Tokens}},"seed":{{number}},"messages":[{"role":"user","content":"What is Flotilla, and how do I join a node? ({{number}})"}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, baseUrl + "/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var started = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = TimeSpan.Zero;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (first == TimeSpan.Zero && line.StartsWith("data:", StringComparison.Ordinal))
                first = Stopwatch.GetElapsedTime(started);
        }

        var rest = Stopwatch.GetElapsedTime(started) - first;
        return (first.TotalMilliseconds, (Tokens - 1) / rest.TotalSeconds);
    }
}
