using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Engine;

namespace Flotilla.GatewayBench;

/// <summary>What gateway and node leave of the engine's own speed: the same streams through <c>flotilla up</c> and in this process, in turns.</summary>
internal static class StreamsMeasurement
{
    private const int Rounds = 3;
    private const int PromptTokens = 8;
    private const int Tokens = 128;

    /// <param name="file">The model.</param>
    /// <param name="streams">How many at once.</param>
    public static async Task<int> RunAsync(string file, int streams)
    {
        var data = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
        using var up = Child.Start("flotilla.dll", "up", "--data", data, "--port", "0", "--model", file);
        var credentials = await Credentials.ReadAsync(data);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Key);
        var model = JsonNode.Parse(await http.GetStringAsync(credentials.BaseUrl + "/models"))!["data"]![0]!["id"]!.GetValue<string>();
        await using var engine = await InferenceEngine.LoadAsync(file);
        var (over, within) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            // The first round warms both up.
            var seed = round * streams;
            var overHttp = await SecondsAsync(streams, stream => CompleteAsync(http, credentials.BaseUrl, model, Prompt(seed + stream, engine.Model.VocabularySize)));
            var inEngine = await SecondsAsync(streams, stream => GenerateAsync(engine, Prompt(seed + stream, engine.Model.VocabularySize)));
            if (round == 0)
                continue;
            over.Add(streams * Tokens / overHttp);
            within.Add(streams * Tokens / inEngine);
        }

        over.Sort();
        within.Sort();
        var (ours, own) = (over[Rounds / 2], within[Rounds / 2]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{streams} streams of {Tokens} tokens: over HTTP {ours:0.0} tokens/s, the engine itself {own:0.0}, ratio {ours / own:0.00}"));
        return 0;
    }

    private static int[] Prompt(int seed, int vocabulary) => [.. Enumerable.Range(0, PromptTokens).Select(index => ((index * 7919) + (seed * 31) + 300) % vocabulary)];

    private static async Task<double> SecondsAsync(int streams, Func<int, Task> run)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, streams).Select(run));
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task GenerateAsync(InferenceEngine engine, int[] prompt)
    {
        var request = new GenerationRequest { PromptTokens = prompt, MaxTokens = Tokens, IgnoreEos = true, Sampling = new() { Temperature = 0 } };
        await foreach (var _ in engine.GenerateAsync(request))
        {
            // To the end.
        }
    }

    private static async Task CompleteAsync(HttpClient http, string baseUrl, string model, int[] prompt)
    {
        var body = $$"""{"model":"{{model}}","stream":true,"ignore_eos":true,"temperature":0,"max_tokens":{{Tokens}},"prompt":[{{string.Join(',', prompt)}}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, baseUrl + "/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        if (!text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal))
            throw new InvalidOperationException($"A stream ended with {text[^Math.Min(text.Length, 200)..]}");
    }
}
