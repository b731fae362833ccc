using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Engine;
using Xunit;

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
        StartUpBox.Show(_run.Terminal, new Credentials("http://127.0.0.1:8080/v1", "sk-flt-1", "ak-flt-1"), _run.Folder, ["demo"]);
        Assert.Contains("curl http://127.0.0.1:8080/v1/chat/completions", _run.Out, StringComparison.Ordinal);
        Assert.Contains("Bearer sk-flt-1", _run.Out, StringComparison.Ordinal);
        Assert.Contains("\"model\":\"demo\"", _run.Out, StringComparison.Ordinal);
        Assert.Contains($"--data {_run.Folder}", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("ak-flt-1", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_models_name_cannot_get_into_a_line_that_is_pasted_into_a_shell()
    {
        StartUpBox.Show(_run.Terminal, new Credentials("http://127.0.0.1:8080/v1", "sk-flt-1", "ak-flt-1"), _run.Folder, ["'; rm -rf ~; '"]);
        Assert.Contains("\"model\":\"MODEL\"", _run.Out, StringComparison.Ordinal);
    }
}
