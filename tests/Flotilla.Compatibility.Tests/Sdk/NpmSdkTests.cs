using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>The official openai package of npm, unmodified: the tests of <c>tests/clients</c>, one of their files at a time.</summary>
public sealed class NpmSdkTests(UpFleet fleet)
{
    /// <summary>The test files; one that is added is run. Those of media and of encoders need fleets of their own.</summary>
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(NpmTest.Folder, "*.test.mjs").Select(file => Path.GetFileName(file)).Where(file => file is not (MediaSdkTests.File or EncoderTests.File)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public Task The_npm_package_is_served(string file) => NpmTest.RunAsync(
        file, fleet.BaseUrl, fleet.ApiKey, ("FLOTILLA_EMPTY_KEY", fleet.EmptyKey), ("FLOTILLA_MODEL", fleet.Model), ("FLOTILLA_TOOL_MODEL", ToolServer.Model), ("FLOTILLA_READER_MODEL", ToolServer.Reader));
}
