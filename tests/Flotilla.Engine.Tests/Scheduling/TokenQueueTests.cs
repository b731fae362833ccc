using Flotilla.Engine.Sampling;
using Flotilla.Engine.Scheduling;
using Flotilla.Engine.Tests.Sampling;
using Xunit;

namespace Flotilla.Engine.Tests.Scheduling;

/// <summary>What lies between the loop and a reader: as much as was made room for, and no more.</summary>
public sealed class TokenQueueTests
{
    [Fact]
    public void Tokens_come_out_as_they_went_in_round_after_round()
    {
        var queue = new TokenQueue(new LetterTokenizer(), 2);
        var (added, taken) = (0, 0);
        for (var round = 0; round < 30; round++)
        {
            for (var count = 0; count < 100 + round; count++, added++)
            {
                if (added % 3 == 0)
                    queue.Add(added % 8);
                else
                    queue.Add(added % 8, -added, added, added % 3 == 1 ? [new(added % 5, -1), new(added % 7, -2)] : []);
            }

            Assert.Equal(added - taken, queue.Count);
            for (; queue.TryTake(out var token); taken++)
            {
                Assert.Equal((taken % 8, (byte)('a' + (taken % 8))), (token.Id, token.Bytes.Span[0]));
                Assert.Equal(taken % 3 == 0 ? (0f, 0) : (-taken, taken), (token.Logprob, token.Rank));
                Assert.Equal(taken % 3 == 0 ? null : taken % 3 == 1 ? [taken % 5, taken % 7] : [], token.Top?.Select(top => top.Id));
                Assert.All(token.Top ?? [], top => Assert.Equal('a' + top.Id, top.Bytes.Span[0]));
            }

            Assert.Equal((added, 0), (taken, queue.Count));
        }
    }

    [Fact]
    public void Whoever_never_reads_makes_no_memory_grow()
    {
        var queue = new TokenQueue(new LetterTokenizer(), 1);
        var most = EngineLimits.EventsUnreadMax + EngineLimits.PromptLogitsMax + 1;
        for (var index = 0; index < most; index++)
            queue.Add(index % 8, 0, index + 1, [new(0, 0)]);
        var error = Assert.Throws<InvalidOperationException>(() => queue.Add(0));
        Assert.Contains($"{most} tokens are unread", error.Message, StringComparison.Ordinal);
        Assert.True(queue.TryTake(out var token));
        Assert.Equal(1, token.Rank);
        queue.Add(0);
    }

    [Fact]
    public async Task What_ends_it_comes_behind_the_last_token()
    {
        var queue = new TokenQueue(new LetterTokenizer(), 0);
        queue.Add(3);
        queue.Complete(new InvalidOperationException("over"));
        Assert.True(await queue.WaitAsync(TestContext.Current.CancellationToken));
        Assert.True(queue.TryTake(out _));
        Assert.False(queue.TryTake(out _));
        Assert.Equal("over", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await queue.WaitAsync(TestContext.Current.CancellationToken))).Message);
    }
}
