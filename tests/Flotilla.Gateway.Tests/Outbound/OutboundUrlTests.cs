using Flotilla.Gateway.Outbound;

namespace Flotilla.Gateway.Tests.Outbound;

public sealed class OutboundUrlTests
{
    /// <summary>URLs that a gateway with its default settings refuses without calling anybody, and what it says.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "https://127.0.0.1/x", "not a public address" },
        { "https://127.1.2.3:8443/", "not a public address" },
        { "https://0.0.0.0/", "not a public address" },
        { "https://10.0.0.1/", "not a public address" },
        { "https://169.254.169.254/latest/meta-data/", "not a public address" },
        { "https://100.64.0.1/", "not a public address" },
        { "https://224.0.0.1/", "not a public address" },
        { "https://[::1]/", "not a public address" },
        { "https://[::]/", "not a public address" },
        { "https://[0:0:0:0:0:0:0:1]/", "not a public address" },
        { "https://[::ffff:127.0.0.1]/", "not a public address" },
        { "https://[::ffff:7f00:1]/", "not a public address" },
        { "https://[2002:7f00:1::]/", "not a public address" },
        { "https://[64:ff9b::7f00:1]/", "not a public address" },
        { "https://[fe80::1]/", "not a public address" },
        { "https://[fd00:ec2::254]/", "not a public address" },
        { "https://[ff02::1]/", "not a public address" },
        { "https://2130706433/", "must be written so" },
        { "https://0177.0.0.1/", "must be written so" },
        { "https://0x7f.0.0.1/", "must be written so" },
        { "https://0x7f000001/", "must be written so" },
        { "https://127.1/", "must be written so" },
        { "https://127.0.0.01/", "must be written so" },
        { "http://hooks.example/", "scheme 'http'" },
        { "ftp://hooks.example/", "scheme 'ftp'" },
        { "file:///etc/passwd", "scheme 'file'" },
        { "gopher://127.0.0.1:6379/_", "scheme 'gopher'" },
        { "/etc/passwd", "" },
        { "//hooks.example/", "" },
        { "hooks.example", "must be a URL" },
        { "https:hooks.example", "must be a URL" },
        { "https://", "must be a URL" },
        { "https:///hooks.example", "" },
        { "https://me@hooks.example/", "user name" },
        { "https://me:secret@hooks.example/", "user name" },
        { "https://@hooks.example/", "user name" },
        { "https://hooks.example@127.0.0.1/", "user name" },
        { "https://hooks.example/#part", "fragment" },
        { "https://hooks.example\\@127.0.0.1/", "does not belong" },
        { "https://hooks.example\\.evil.example/", "does not belong" },
        { "https://127。0。0。1/", "does not belong" },
        { "https://ｈooks.example/", "does not belong" },
        { "https://hooks.exam ple/", "does not belong" },
        { " https://hooks.example/", "does not belong" },
        { "https://hooks.example/\r\nHost: x", "does not belong" },
        { "https://hooks.example/\0", "does not belong" },
        { "https://127%2e0.0.1/", "" },
        { "https://hooks.example:99999/", "must be a URL" },
        { "https://hooks.example/" + new string('a', 2_048), "at most 2048" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_may_not_be_called_is_refused_by_its_text(string text, string says)
    {
        Assert.Null(OutboundUrl.Read(text, Rules(), out var fault));
        Assert.Contains(says, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://hooks.example/flotilla?team=blue&x=%41")]
    [InlineData("https://HOOKS.example:8443")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://[2606:4700:4700::1111]/")]
    public void What_may_be_called_is_called_as_it_is_written(string text)
    {
        var url = OutboundUrl.Read(text, Rules(), out var fault);
        Assert.Null(fault);
        Assert.Equal(new Uri(text), url!.Address);
    }

    [Theory]
    [InlineData("https://hooks.example/", true)]
    [InlineData("https://a.team.example/", true)]
    [InlineData("https://A.B.Team.Example/", true)]
    [InlineData("https://8.8.8.8/", true)]
    [InlineData("https://team.example/", false)]
    [InlineData("https://notteam.example/", false)]
    [InlineData("https://hooks.example.evil/", false)]
    [InlineData("https://8.8.4.4/", false)]
    public void Where_hosts_are_named_no_other_is_called(string text, bool isCalled) =>
        Assert.Equal(isCalled, OutboundUrl.Read(text, Rules(new OutboundOptions { Hosts = ["hooks.example", "*.team.example", "8.8.8.8"] }), out _) is not null);

    [Fact]
    public void A_private_range_and_http_are_let_in_by_name()
    {
        var rules = Rules(new OutboundOptions { AllowHttp = true, PrivateRanges = ["10.1.0.0/16", "::1/128"] });
        Assert.NotNull(OutboundUrl.Read("http://10.1.2.3/", rules, out _));
        Assert.NotNull(OutboundUrl.Read("http://[::1]:8080/", rules, out _));
        Assert.NotNull(OutboundUrl.Read("http://[::ffff:10.1.2.3]/", rules, out _));
        Assert.Null(OutboundUrl.Read("http://10.2.0.1/", rules, out _));
        Assert.Null(OutboundUrl.Read("http://127.0.0.1/", rules, out _));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0")]
    [InlineData("private")]
    public void A_range_that_is_none_is_named_at_the_start(string range) =>
        Assert.Contains($"Outbound.PrivateRanges has '{range}'", Assert.Single(GatewayOptionsValidator.Faults(new GatewayOptions { DataFolder = "x", Outbound = new OutboundOptions { PrivateRanges = [range] } })), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://hooks.example")]
    [InlineData("*")]
    [InlineData("hooks example")]
    public void A_host_that_is_none_is_named_at_the_start(string host) =>
        Assert.Contains($"Outbound.Hosts has '{host}'", Assert.Single(GatewayOptionsValidator.Faults(new GatewayOptions { DataFolder = "x", Outbound = new OutboundOptions { Hosts = [host] } })), StringComparison.Ordinal);

    private static OutboundRules Rules(OutboundOptions? options = null) => new(new GatewayOptions { DataFolder = "x", Outbound = options ?? new OutboundOptions() });
}
