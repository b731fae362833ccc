using Flotilla.Node.Links;

namespace Flotilla.Node.Tests;

public sealed class NodeOptionsValidatorTests
{
    [Fact]
    public void All_errors_are_told_at_once_and_the_token_stays_out()
    {
        var errors = NodeOptionsValidator.Errors(new NodeOptions
        {
            Gateways = [new Uri("http://far.example"), new Uri("ftp://a"), new Uri("https://a"), new Uri("wss://a/link/v1"), new Uri("https://u:p@b")],
            DataFolder = " ",
            Name = "a\u001b[31m",
            Region = "MOON",
            Slots = 0,
            JoinToken = new string('t', 300),
            DrainLimit = TimeSpan.FromSeconds(-1),
        });
        Assert.Equal(10, errors.Count);
        Assert.Contains(errors, e => e.Contains("MOON", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("wss://a/link/v1 twice", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, e => e.Contains("u:p", StringComparison.Ordinal) || e.Contains("ttt", StringComparison.Ordinal) || e.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_throws_what_is_wrong()
    {
        var options = new NodeOptions { Gateways = [], DataFolder = "x" };
        Assert.Contains("Gateways has 0", Assert.Throws<ArgumentException>(() => new NodeHost(options, [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://g.example", "wss://g.example/link/v1", "g.example")]
    [InlineData("https://g.example/", "wss://g.example/link/v1", "g.example")]
    [InlineData("https://G.example:8443/flotilla/", "wss://g.example:8443/flotilla/link/v1", "g.example:8443")]
    [InlineData("wss://g.example:443/link/v1", "wss://g.example/link/v1", "g.example")]
    [InlineData("http://127.0.0.1:8080", "ws://127.0.0.1:8080/link/v1", "127.0.0.1:8080")]
    [InlineData("http://localhost", "ws://localhost/link/v1", "localhost")]
    [InlineData("ws://[::1]:9", "ws://[::1]:9/link/v1", "[::1]:9")]
    public void An_address_leads_to_the_link(string given, string link, string origin)
    {
        Assert.Null(GatewayAddress.TryParse(new Uri(given), allowInsecure: false, out var address));
        Assert.Equal((link, origin), (address!.Link.ToString(), address.Origin));
    }

    [Fact]
    public void An_unencrypted_address_needs_a_word_or_loopback()
    {
        Assert.NotNull(GatewayAddress.TryParse(new Uri("http://10.0.0.1"), allowInsecure: false, out _));
        Assert.Null(GatewayAddress.TryParse(new Uri("http://10.0.0.1"), allowInsecure: true, out _));
    }

    [Fact]
    public void A_key_that_cannot_be_kept_is_no_known_key()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-pins-").FullName;
        var pins = new GatewayPins(folder);
        // A folder in the file's place cannot be replaced by a file.
        Directory.CreateDirectory(Path.Combine(folder, GatewayPins.FileName, "inside"));
        Assert.Contains("cannot be kept", pins.Check("g.example", new byte[32]), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(folder, GatewayPins.FileName), recursive: true);
        Assert.Null(pins.Check("g.example", new byte[32]));
        Assert.Null(new GatewayPins(folder).Check("g.example", new byte[32]));
        Assert.NotNull(new GatewayPins(folder).Check("g.example", [.. Enumerable.Repeat((byte)1, 32)]));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("one word\n")]
    [InlineData("host abc\n")]
    [InlineData("a 0000000000000000000000000000000000000000000000000000000000000000\na 0000000000000000000000000000000000000000000000000000000000000000\n")]
    public void A_damaged_file_of_known_gateways_is_told(string text)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-pins-").FullName;
        File.WriteAllText(Path.Combine(folder, GatewayPins.FileName), text);
        Assert.Contains(GatewayPins.FileName, Assert.Throws<InvalidDataException>(() => new GatewayPins(folder)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
