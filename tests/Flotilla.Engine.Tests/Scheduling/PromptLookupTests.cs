using Flotilla.Engine.Scheduling;
using Xunit;

namespace Flotilla.Engine.Tests.Scheduling;

public sealed class PromptLookupTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 1, 2, 3 }, new[] { 4, 5 })]
    [InlineData(new[] { 1, 2, 3, 8, 9, 1, 2, 3, 4, 5, 1, 2, 3 }, new[] { 4, 5 })]
    [InlineData(new[] { 7, 7, 7, 7 }, new[] { 7, 7 })]
    [InlineData(new[] { 1, 2, 1, 2, 1 }, new[] { 2, 1 })]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6 }, new int[0])]
    [InlineData(new[] { 1, 2, 3 }, new int[0])]
    [InlineData(new[] { 1 }, new int[0])]
    public void What_followed_the_last_time_is_guessed(int[] tokens, int[] expected) => Assert.Equal(expected, Guess(new PromptLookup(7), tokens));

    [Fact]
    public void Guesses_grow_with_success_up_to_the_limit_and_shrink_with_failure()
    {
        var lookup = new PromptLookup(7);
        int[] circle = [1, 2, 3, 1, 2, 3, 1];
        var lengths = new List<int>();
        foreach (var right in (int[])[2, 4, 7, 3, 0])
        {
            lengths.Add(Guess(lookup, circle).Length);
            lookup.Learn(lengths[^1], Math.Min(right, lengths[^1]));
        }

        Assert.Equal([2, 4, 7, 7, 3], lengths);
        Assert.Equal((23, 16), (lookup.Guessed, lookup.Right));
    }

    [Fact]
    public void Guesses_that_are_wrong_pause_for_longer_each_time()
    {
        var lookup = new PromptLookup(7);
        int[] circle = [1, 2, 3, 1, 2, 3, 1];
        var made = new List<int>();
        for (var token = 0; token < 1100; token++)
        {
            if (Guess(lookup, circle) is not { Length: > 0 and var count })
                continue;
            made.Add(token);
            lookup.Learn(count, 0);
        }

        Assert.Equal([0, 3, 8, 17, 34, 67, 132, 261, 518, 775, 1032], made);
    }

    [Fact]
    public void None_are_made_where_none_are_wanted() => Assert.Empty(Guess(new PromptLookup(0), [7, 7, 7, 7]));

    private static int[] Guess(PromptLookup lookup, int[] tokens)
    {
        var guesses = new int[7];
        return guesses[..lookup.Guess(tokens, guesses)];
    }
}
