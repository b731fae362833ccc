using Flotilla.Engine.Kernels;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>Proves in a child process that the switch it was started with has had its effect.</summary>
public sealed class KernelWidthProbe
{
    /// <summary>The environment variable that names the width to be expected.</summary>
    public const string Variable = "FLOTILLA_EXPECTED_KERNEL_WIDTH";

    [Fact]
    public void Best_width_is_the_one_that_is_left()
    {
        var expected = Environment.GetEnvironmentVariable(Variable) is { } name ? Enum.Parse<KernelWidth>(name) : KernelSet.Best();
        Assert.Equal(expected, KernelSet.Best());
    }
}
