using System.Diagnostics;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>The official openai package of npm, unmodified: the tests of <c>tests/clients</c>, one of their files at a time.</summary>
public sealed class NpmSdkTests(UpFleet fleet)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "clients");

    /// <summary>The test files; one that is added is run.</summary>
    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.test.mjs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_npm_package_is_served(string file)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules", "openai")), "Run 'npm ci' in tests/clients first, or './test', which does.");
        ProcessStartInfo start = new("node", ["--test", "--test-reporter=spec", file]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FLOTILLA_BASE_URL"] = fleet.BaseUrl;
        start.Environment["FLOTILLA_API_KEY"] = fleet.ApiKey;
        start.Environment["FLOTILLA_EMPTY_KEY"] = fleet.EmptyKey;
        start.Environment["FLOTILLA_MODEL"] = fleet.Model;
        start.Environment["FLOTILLA_TOOL_MODEL"] = ToolServer.Model;
        start.Environment["FLOTILLA_READER_MODEL"] = ToolServer.Reader;
        start.Environment["NO_COLOR"] = "1";
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, $"{await output}\n{await error}");
        Assert.Matches(@"pass [1-9]", await output);
    }
}
