using System.Text.Json;
using Xunit;

namespace Flotilla.Cli.Tests;

public sealed class BenchCommandTests : IDisposable
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "flotilla-demo.gguf");
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Every_measurement_is_a_row()
    {
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("bench", Model, "--threads", "2", "--prefill", "32", "--decode", "4", "--streams", "1", "3", "--rounds", "2", "--json"));
        using var answer = JsonDocument.Parse(_run.Out);
        var rows = answer.RootElement.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(
            [
                "prefill 32", "prefill 32: time to first token, ms", "decode 4, 1 stream", "decode 4, 1 stream: weights, GB/s", "memory read by 2 threads meanwhile, GB/s",
                "decode 4, 1 stream: weights, % of memory read", "decode 4, 3 streams", "from process start to first token, ms", "greatest memory, MB",
                "of it the file, keys and values, MB", "the rest, % of file, keys and values", "a form's share of decoding, %",
                "first token, 1000 tokens computed before: times as fast", "copying: guesses that are right, %", "copying: times as fast as without guesses",
                "allocated by the engine's threads, bytes a token", "allocated in all, bytes a token",
            ],
            rows.Select(row => row.GetProperty("measurement").GetString()!));
        Assert.All(rows, row => Assert.True(row.GetProperty("flotilla").GetDouble() >= 0));
        // What follows may be nothing, or too little to be seen in four tokens.
        Assert.All(rows[..11], row => Assert.True(row.GetProperty("flotilla").GetDouble() > 0));
        Assert.All(rows, row => Assert.Equal(JsonValueKind.Null, row.GetProperty("llama_cpp").ValueKind));
    }

    /// <summary>Rows that say the same in two ways agree, as far as they are rounded.</summary>
    [Fact]
    public async Task Rows_agree_with_each_other()
    {
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("bench", Model, "--threads", "1", "--prefill", "64", "--decode", "8", "--streams", "1", "--rounds", "1", "--json"));
        using var answer = JsonDocument.Parse(_run.Out);
        double Of(string name) => answer.RootElement.GetProperty("data").EnumerateArray()
            .Single(row => row.GetProperty("measurement").GetString() == name).GetProperty("flotilla").GetDouble();
        Assert.Equal(64_000, Of("prefill 64") * Of("prefill 64: time to first token, ms"), 6_400.0);
        var (decoded, weights) = (Of("decode 8, 1 stream"), Of("decode 8, 1 stream: weights, GB/s"));
        // The demo model's output is its embedding, so a token needs the whole file but for its header and its vocabulary.
        Assert.InRange(weights * 1e9 / decoded, 0.5 * new FileInfo(Model).Length, 1.1 * new FileInfo(Model).Length);
        Assert.InRange(weights / Of("memory read by 1 thread meanwhile, GB/s") * 100 / Of("decode 8, 1 stream: weights, % of memory read"), 0.8, 1.25);
        Assert.True(Of("of it the file, keys and values, MB") > new FileInfo(Model).Length / 1e6);
    }

    [Fact]
    public async Task A_folder_without_the_library_is_named()
    {
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("bench", Model, "--streams", "1", "--against", Path.GetTempPath()));
        Assert.Contains("libggml-base*.so", _run.Error, StringComparison.Ordinal);
        Assert.Contains("npm install", _run.Error, StringComparison.Ordinal);
    }
}
