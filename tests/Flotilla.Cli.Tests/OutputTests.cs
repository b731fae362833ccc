using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Engine;
using Xunit;
using Model = Flotilla.Protocol.Link.Model;

namespace Flotilla.Cli.Tests;

public sealed class OutputTests : IDisposable
{
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("plain ünïcode 🙂\n\ttext", "plain ünïcode 🙂\n\ttext")]
    [InlineData("\u001b]0;owned\u0007x", "]0;ownedx")]
    [InlineData("a\rb\bc\u009bd\u007fe", "abcde")]
    [InlineData("pay\u202e001\u2066", "pay001")]
    public void Control_codes_are_taken_out_and_nothing_else(string text, string shown) => Assert.Equal(shown, SafeText.ForTerminal(text));

    [Fact]
    public void A_loading_model_is_a_line_that_goes_away()
    {
        _run.Interactive = true;
        LoadingLine line = new(_run.Terminal, "big.gguf");
        line.Report(new LoadProgress(1024 * 1024, 4 * 1024 * 1024));
        Assert.Contains("Loading big.gguf: 25 % of 4 MiB", _run.Error, StringComparison.Ordinal);
        line.Clear();
        line.Report(new LoadProgress(4 * 1024 * 1024, 4 * 1024 * 1024));
        Assert.EndsWith("\r\u001b[K", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("100 %", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_file_gets_no_progress()
    {
        LoadingLine line = new(_run.Terminal, "big.gguf");
        line.Report(new LoadProgress(1, 4));
        line.Clear();
        Assert.Equal("", _run.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_box_has_all_that_a_first_request_needs(bool interactive)
    {
        _run.Interactive = interactive;
        StartUpBox.Show(_run.Terminal, new Credentials("http://127.0.0.1:8080/v1", "sk-flt-1", "ak-flt-1"), _run.Folder, [Model("demo", "completion", "chat")]);
        Assert.Contains("curl http://127.0.0.1:8080/v1/chat/completions", _run.Out, StringComparison.Ordinal);
        Assert.Contains("Bearer sk-flt-1", _run.Out, StringComparison.Ordinal);
        Assert.Contains("\"model\":\"demo\"", _run.Out, StringComparison.Ordinal);
        Assert.Contains($"--data {_run.Folder}", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("ak-flt-1", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_models_name_cannot_get_into_a_line_that_is_pasted_into_a_shell()
    {
        StartUpBox.Show(_run.Terminal, new Credentials("http://127.0.0.1:8080/v1", "sk-flt-1", "ak-flt-1"), _run.Folder, [Model("'; rm -rf ~; '", "chat")]);
        Assert.Contains("\"model\":\"MODEL\"", _run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("speech", "/audio/speech", "\"voice\":\"alloy\"")]
    [InlineData("transcription", "/audio/transcriptions", "-F model=m")]
    [InlineData("image", "/images/generations", "\"prompt\"")]
    [InlineData("embeddings", "/embeddings", "\"input\"")]
    [InlineData("rerank", "/rerank", "\"documents\"")]
    [InlineData("moderation", "/moderations", "\"input\"")]
    [InlineData("completion", "/completions", "\"prompt\"")]
    public void A_model_that_does_not_chat_is_shown_with_a_request_of_its_kind(string capability, string path, string part)
    {
        StartUpBox.Show(_run.Terminal, new Credentials("http://127.0.0.1:8080/v1", "sk-flt-1", "ak-flt-1"), _run.Folder, [Model("m", capability)]);
        Assert.Contains($"curl http://127.0.0.1:8080/v1{path} ", _run.Out, StringComparison.Ordinal);
        Assert.Contains(part, _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("chat", _run.Out, StringComparison.Ordinal);
    }

    private static Model Model(string name, params string[] capabilities) => new() { Name = name, Capabilities = { capabilities } };
}
