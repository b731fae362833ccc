using Flotilla.Node.Work;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Work;

/// <summary>Which neighbours are joined: a gateway closes the link over an event where some tokens have ids and some have none.</summary>
public sealed class GatheredEventTests
{
    private const float Logprob = -1;

    [Theory]
    [InlineData("ids", "ids", true)]
    [InlineData("logprobs", "logprobs", true)]
    [InlineData("count", "count", true)]
    [InlineData("none", "ids", true)]
    [InlineData("logprobs", "none", true)]
    [InlineData("none", "count", true)]
    [InlineData("ids", "count", false)]
    [InlineData("count", "ids", false)]
    [InlineData("logprobs", "count", false)]
    [InlineData("ids", "logprobs", false)]
    [InlineData("logprobs", "ids", false)]
    public void TryAdd_joins_only_what_tells_of_its_tokens_alike(string first, string second, bool joined)
    {
        var gathered = GatheredEvent.Begin(Told(first))!;
        Assert.Equal(joined, gathered.TryAdd(Told(second)));
        var whole = gathered.Take();
        Assert.Equal(joined ? "xx" : "x", whole.Text.Text_);
        Assert.Contains(whole.Tokens.Count, new[] { 0, (int)whole.TokenCount });
    }

    [Fact]
    public void TryAdd_looks_at_all_that_was_joined_before()
    {
        var gathered = GatheredEvent.Begin(Told("ids"))!;
        Assert.True(gathered.TryAdd(Told("none")));
        Assert.False(gathered.TryAdd(Told("count")));
        Assert.False(gathered.TryAdd(Told("logprobs")));
    }

    private static Event Told(string how)
    {
        var item = new Event { TokenCount = how == "none" ? 0u : 2u, Text = new Text { Text_ = "x" } };
        for (uint id = 0; id < 2 && how is "ids" or "logprobs"; id++)
            item.Tokens.Add(how == "ids" ? new TokenOutput { Id = id } : new TokenOutput { Id = id, Logprob = Logprob });
        return item;
    }
}
