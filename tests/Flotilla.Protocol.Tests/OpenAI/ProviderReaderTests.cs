using Flotilla.Core;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ProviderReaderTests
{
    private const string Node = "node_0123456789abcdef0123456789abcdef";

    [Fact]
    public void Provider_EveryServedMember_IsRead()
    {
        var provider = Requests.ChatWith(
            $$$"""
            "provider":{"order":["eu","{{{Node}}}"],"only":["EU"],"ignore":["acct_1"],"allow_fallbacks":false,"require_parameters":true,
            "sort":"latency","max_price":{"prompt":0.1,"completion":2,"request":0},"data_collection":"allow","zdr":false}
            """).Provider;

        Assert.Equal(["EU", Node], provider.Order);
        Assert.Equal(["EU"], provider.Only);
        Assert.Equal(["acct_1"], provider.Ignore);
        Assert.False(provider.AllowFallbacks);
        Assert.True(provider.RequireParameters);
        Assert.Equal(ProviderSort.Latency, provider.Sort);
        Assert.Equal(new Credits(10_000_000), provider.PromptPriceMax);
        Assert.Equal(new Credits(200_000_000), provider.CompletionPriceMax);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"order\":null,\"sort\":null,\"max_price\":null,\"data_collection\":null}")]
    public void Provider_NothingAsked_IsNoWish(string value) =>
        Assert.Equal(ProviderPreferences.None, Requests.ChatWith($"\"provider\":{value}").Provider);

    [Fact]
    public void Provider_SortAsObject_NamesItsBy() =>
        Assert.Equal(ProviderSort.Throughput, Requests.CompletionWith("\"prompt\":\"x\",\"provider\":{\"sort\":{\"by\":\"throughput\"}}").Provider.Sort);

    [Theory]
    [InlineData("[]", "provider")]
    [InlineData("\"EU\"", "provider")]
    [InlineData("{\"order\":\"EU\"}", "provider.order")]
    [InlineData("{\"order\":[\"DeepInfra\"]}", "provider.order[0]")]
    [InlineData("{\"only\":[\"EU\",\"\"]}", "provider.only[1]")]
    [InlineData("{\"only\":[\"node_\"]}", "provider.only[0]")]
    [InlineData("{\"only\":[\"node_ \\u0000\"]}", "provider.only[0]")]
    [InlineData("{\"ignore\":[7]}", "provider.ignore[0]")]
    [InlineData("{\"allow_fallbacks\":1}", "provider.allow_fallbacks")]
    [InlineData("{\"require_parameters\":\"yes\"}", "provider.require_parameters")]
    [InlineData("{\"sort\":\"cheap\"}", "provider.sort")]
    [InlineData("{\"sort\":{\"by\":\"price\",\"partition\":\"none\"}}", "provider.sort")]
    [InlineData("{\"sort\":{}}", "provider.sort")]
    [InlineData("{\"max_price\":1}", "provider.max_price")]
    [InlineData("{\"max_price\":{\"prompt\":-1}}", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"prompt\":\"1\"}}", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"prompt\":1e400}}", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"prompt\":1000000001}}", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"image\":1}}", "provider.max_price.image")]
    [InlineData("{\"data_collection\":\"deny\"}", "provider.data_collection")]
    [InlineData("{\"data_collection\":\"maybe\"}", "provider.data_collection")]
    [InlineData("{\"zdr\":true}", "provider.zdr")]
    [InlineData("{\"quantizations\":[\"fp8\"]}", "provider.quantizations")]
    [InlineData("{\"preferred_min_throughput\":50}", "provider.preferred_min_throughput")]
    [InlineData("{\"never_heard_of\":1}", "provider.never_heard_of")]
    public void Provider_WhatCannotBeHonoured_Is400NamingIt(string value, string param)
    {
        var error = Requests.ChatErrorWith($"\"provider\":{value}");

        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Fact]
    public void Provider_RequiredParametersBesideUnknownFields_Is400() =>
        Assert.Equal("provider.require_parameters", Requests.ChatErrorWith("\"provider\":{\"require_parameters\":true},\"never_heard_of\":1").Param);

    [Fact]
    public void Provider_TooManyNames_Is400()
    {
        var names = string.Join(',', Enumerable.Repeat("\"EU\"", OpenAiLimits.ProvidersMax + 1));

        Assert.Equal("provider.only", Requests.ChatErrorWith($"\"provider\":{{\"only\":[{names}]}}").Param);
    }

    [Fact]
    public void Provider_IsNotPassedOn() => Assert.True(Requests.ChatWith("\"provider\":{\"only\":[\"EU\"]}").Work.Extra.IsEmpty);
}
