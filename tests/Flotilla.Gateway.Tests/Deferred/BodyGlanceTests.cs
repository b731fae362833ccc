using System.Text;
using Flotilla.Gateway.Deferred;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Tests.Deferred;

public sealed class BodyGlanceTests
{
    [Theory]
    [InlineData("m", 1, true)]
    [InlineData("m", OpenAiLimits.ModelCharsMax, true)]
    [InlineData("\\u006d", OpenAiLimits.ModelCharsMax, true)]
    [InlineData("m", OpenAiLimits.ModelCharsMax + 1, false)]
    [InlineData("\\u006d", OpenAiLimits.ModelCharsMax + 1, false)]
    [InlineData("m", 1_000_000, false)]
    public void A_name_longer_than_names_may_be_is_none(string letter, int length, bool isKept)
    {
        var name = string.Concat(Enumerable.Repeat(letter, length));

        var glance = BodyGlance.At(Encoding.UTF8.GetBytes($$"""{"model":"x","model":"{{name}}","mode":"polling"}"""));

        Assert.Equal(isKept ? new string('m', length) : null, glance.Model);
        Assert.NotNull(glance.Polling);
    }
}
