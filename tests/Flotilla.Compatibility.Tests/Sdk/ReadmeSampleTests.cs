using System.Diagnostics;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>The README's samples, as they are printed. The TypeScript one is run by <c>tests/clients/readme.test.mjs</c>, the Python one is held by <see cref="Wire.PythonWireTests"/>.</summary>
public sealed class ReadmeSampleTests(UpFleet fleet)
{
    [Fact]
    public async Task The_CSharp_sample_runs_as_it_is_printed()
    {
        var sample = Repository.ReadmeSample("csharp");
        var code = sample.Replace("http://127.0.0.1:8080/v1", fleet.BaseUrl, StringComparison.Ordinal).Replace("sk-flt-…", fleet.ApiKey, StringComparison.Ordinal);
        Assert.NotEqual(sample, code);
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "sample.cs"), code, TestContext.Current.CancellationToken);
        ProcessStartInfo start = new("dotnet", ["run", "--property:PublishAot=false", "sample.cs"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        // A program of one file is prepared for ahead-of-time publishing, which needs a package that this run has no use for.
        // The sample is nobody's project: settings of our own build must not reach it.
        foreach (var name in (string[])["ArtifactsPath", "MSBuildSDKsPath", "MSBUILD_EXE_PATH"])
            start.Environment.Remove(name);
        using var run = Process.Start(start)!;
        var output = run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(run.ExitCode == 0 && (await output).Trim().Length > 10, $"exit code {run.ExitCode}\n{await output}\n{await error}");
    }
}
