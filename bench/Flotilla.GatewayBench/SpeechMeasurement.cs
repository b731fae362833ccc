using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Flotilla.GatewayBench;

/// <summary>How soon a client hears something: <c>flotilla up</c> with espeak-ng, and the first byte of sound through the API.</summary>
internal static class SpeechMeasurement
{
    private const int WarmUps = 3;
    private const int Samples = 20;

    /// <param name="commandFile">The file that says how espeak-ng is run: models/commands/espeak-ng.json.</param>
    public static async Task<int> RunAsync(string commandFile)
    {
        var data = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
        using var up = Child.Start("flotilla.dll", "up", "--data", data, "--port", "0", "--command", commandFile);
        var credentials = await Credentials.ReadAsync(data);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Key);
        while (!(await http.GetStringAsync(credentials.BaseUrl + "/catalog")).Contains("\"espeak-ng\"", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        foreach (var format in new[] { "pcm", "mp3" })
        {
            var times = new List<double>();
            for (var i = 0; i < WarmUps + Samples; i++)
            {
                var time = await SpeakAsync(http, credentials.BaseUrl, format);
                if (i >= WarmUps)
                    times.Add(time);
            }

            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first sound as {format}: p50 {times[Samples / 2]:0} ms, worst {times[^1]:0} ms"));
        }

        return 0;
    }

    private static async Task<double> SpeakAsync(HttpClient http, string baseUrl, string format)
    {
        var body = $$"""{"model":"espeak-ng","voice":"alloy","response_format":"{{format}}","input":"{{string.Join(' ', Enumerable.Repeat("The quick brown fox jumps over the lazy dog.", 4))}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, baseUrl + "/audio/speech") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var started = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var sound = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        if (await sound.ReadAsync(buffer) == 0)
            throw new InvalidOperationException("There was no sound.");
        var first = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        while (await sound.ReadAsync(buffer) > 0)
        {
            // To the end: a client that leaves would have the next one wait for the node.
        }

        return first;
    }
}
