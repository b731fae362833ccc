using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>
/// The golden tests again in a child process that is denied some of the processor's instructions, as .NET 10 names the
/// switches: what a processor without them would compute.
/// </summary>
public sealed class InstructionSetTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableAVX")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Golden_tests_pass_without(string instructions)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(Host()) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in (string[])["--filter-class", typeof(GoldenTests).FullName!, "--filter-class", typeof(OneRootTests).FullName!, "--filter-class", typeof(KernelWidthProbe).FullName!, "--minimum-expected-tests", "27"])
            start.ArgumentList.Add(argument);
        start.Environment[instructions] = "0";
        start.Environment[KernelWidthProbe.Variable] = ExpectedWidth(instructions).ToString();

        using var child = Process.Start(start)!;
        var (output, errors) = (child.StandardOutput.ReadToEndAsync(cancellation), child.StandardError.ReadToEndAsync(cancellation));
        await child.WaitForExitAsync(cancellation);
        Assert.True(child.ExitCode == 0, $"Exit code {child.ExitCode} with {instructions}=0:\n{await output}\n{await errors}");
    }

    /// <summary>What is left on this processor once the switch is off; on one that never had the instructions, nothing changes.</summary>
    private static KernelWidth ExpectedWidth(string instructions)
    {
        var most = instructions switch
        {
            "DOTNET_EnableAVX512" => KernelWidth.Vector256,
            "DOTNET_EnableHWIntrinsic" => KernelWidth.Scalar,
            _ => KernelWidth.Vector128,
        };
        var best = Engine.Kernels.KernelSet.Best();
        return best < most ? best : most;
    }

    private static string Host() => Environment.ProcessPath ?? throw new InvalidOperationException("This process has no path.");
}
