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
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("bench", Model, "--prefill", "32", "--decode", "4", "--streams", "1", "3", "--rounds", "2", "--json"));
        using var answer = JsonDocument.Parse(_run.Out);
        var rows = answer.RootElement.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(
            [
                "prefill 32", "decode 4, 1 stream", "decode 4, 3 streams", "from loading to the first token, ms", "a form's share of decoding, %",
                "first token, 1000 tokens computed before, % of the time", "copying: guesses that are right, %", "copying: times as fast as without guesses",
                "allocated by the engine's threads, bytes a token", "allocated in all, bytes a token", "greatest memory, MB", "of it the file, keys and values, MB",
            ],
            rows.Select(row => row.GetProperty("measurement").GetString()!));
        Assert.All(rows, row => Assert.True(row.GetProperty("flotilla").GetDouble() >= 0));
        Assert.All(rows[..4], row => Assert.True(row.GetProperty("flotilla").GetDouble() > 0));
        Assert.All(rows[^2..], row => Assert.True(row.GetProperty("flotilla").GetDouble() > 0));
        Assert.All(rows, row => Assert.Equal(JsonValueKind.Null, row.GetProperty("llama_cpp").ValueKind));
    }

    [Fact]
    public async Task A_folder_without_the_library_is_named()
    {
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("bench", Model, "--streams", "1", "--against", Path.GetTempPath()));
        Assert.Contains("libggml-base*.so", _run.Error, StringComparison.Ordinal);
        Assert.Contains("npm install", _run.Error, StringComparison.Ordinal);
    }
}
