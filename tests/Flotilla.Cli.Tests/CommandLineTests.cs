using Xunit;

namespace Flotilla.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Help_lists_every_command_and_the_exit_codes()
    {
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("--help"));
        foreach (var word in (string[])["up", "gateway", "node", "chat", "keys", "credits", "nodes", "models", "usage", "verify", "bench", "3 no gateway answered", "--data"])
            Assert.Contains(word, _run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("gateway")]
    [InlineData("node")]
    [InlineData("chat")]
    [InlineData("keys", "create")]
    [InlineData("keys", "limit")]
    [InlineData("keys", "revoke")]
    [InlineData("credits", "add")]
    [InlineData("nodes", "invite")]
    [InlineData("models")]
    [InlineData("usage")]
    [InlineData("verify")]
    [InlineData("bench")]
    public async Task Each_command_helps(params string[] command)
    {
        Assert.Equal(ExitCode.Ok, await _run.RunAsync([.. command, "--help"]));
        Assert.Contains("Usage:", _run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("keys", "create", "--nome", "x")]
    [InlineData("up", "--port", "eighty")]
    [InlineData("credits", "add", "lots")]
    [InlineData("credits", "add", "0")]
    [InlineData("credits", "add", "0.0000001")]
    [InlineData("keys", "revoke", "sk-flt-secret")]
    [InlineData("keys", "limit", "sk-flt-secret")]
    [InlineData("keys", "limit", "key_1", "--concurrency", "many")]
    [InlineData("usage", "--by", "colour")]
    [InlineData("bench", "model.gguf", "--streams", "65")]
    [InlineData("bench", "model.gguf", "--decode", "0")]
    [InlineData("up", "--port", "99999")]
    [InlineData("up", "--model", "no-such-file.gguf")]
    [InlineData("up", "--upstream", "not a url")]
    [InlineData("node", "--gateway", "http://127.0.0.1:9", "--region", "MOON")]
    [InlineData("node")]
    [InlineData("verify", "no-such-file.json")]
    public async Task A_wrong_command_line_is_exit_code_2_with_one_message(params string[] command)
    {
        Assert.Equal(ExitCode.Usage, await _run.RunAsync(command));
        Assert.Equal("", _run.Out);
        Assert.StartsWith("flotilla: ", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("keys")]
    [InlineData("chat", "hi")]
    public async Task Without_a_gateway_it_is_exit_code_3_and_says_how_to_start_one(params string[] command)
    {
        Assert.Equal(ExitCode.Unreachable, await _run.RunAsync(command));
        Assert.Contains("flotilla up", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_does_not_answer_is_exit_code_3()
    {
        Assert.Equal(ExitCode.Unreachable, await _run.RunAsync("models", "--gateway", "http://127.0.0.1:9", "--admin-key", "ak"));
        Assert.Contains("http://127.0.0.1:9", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_is_no_receipt_is_exit_code_4()
    {
        var file = Path.Combine(_run.Folder, "receipt.json");
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.NotVerified, await _run.RunAsync("verify", file));
        Assert.Contains("FAILED", _run.Out, StringComparison.Ordinal);
    }
}
