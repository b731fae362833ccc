using System.Diagnostics;
using Xunit;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>Runs a file of <c>tests/clients</c> against a gateway.</summary>
internal static class NpmTest
{
    /// <summary>Where they are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "clients");

    /// <summary>Runs one to its end; fails with what it wrote.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="baseUrl">What the SDK takes as base URL.</param>
    /// <param name="apiKey">A key with credits.</param>
    /// <param name="more">Further variables that the file reads.</param>
    public static async Task RunAsync(string file, string baseUrl, string apiKey, params (string Name, string Value)[] more)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules", "openai")), "Run 'npm ci' in tests/clients first, or './test', which does.");
        ProcessStartInfo start = new("node", ["--test", "--test-reporter=spec", file]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FLOTILLA_BASE_URL"] = baseUrl;
        start.Environment["FLOTILLA_API_KEY"] = apiKey;
        foreach (var (name, value) in more)
            start.Environment[name] = value;
        start.Environment["NO_COLOR"] = "1";
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, $"{await output}\n{await error}");
        Assert.Matches(@"pass [1-9]", await output);
    }
}
