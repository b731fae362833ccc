using Flotilla.Engine.Numerics;
using Xunit;

namespace Flotilla.Engine.Tests.Numerics;

/// <summary>The known answers that come with Random123, the authors' own implementation.</summary>
public sealed class PhiloxTests
{
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(
        0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_gives_the_published_answers(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Philox.Block(((ulong)k1 << 32) | k0, (c0, c1, c2, c3)));

    [Fact]
    public void Uniform_depends_on_seed_choice_and_position()
    {
        var numbers = new HashSet<double>();
        foreach (var seed in new ulong[] { 0, 1, ulong.MaxValue })
        {
            for (var choice = 0; choice < 4; choice++)
            {
                for (var position = 0; position < 50; position++)
                    Assert.True(numbers.Add(Philox.Uniform(seed, choice, position)));
            }
        }

        Assert.All(numbers, number => Assert.InRange(number, 0, 0.9999999999999999));
        Assert.InRange(numbers.Average(), 0.45, 0.55);
    }
}
