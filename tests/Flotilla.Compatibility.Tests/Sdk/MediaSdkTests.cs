using Flotilla.Compatibility.Tests.Running;
using Flotilla.Node.Runtimes.Command;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Pictures, translations and videos through the official openai package of npm.</summary>
public sealed class MediaSdkTests : IClassFixture<MediaFleet>
{
    /// <summary>The file of <c>tests/clients</c> that is about media.</summary>
    public const string File = "media.test.mjs";

    private readonly MediaFleet _fleet;

    public MediaSdkTests(MediaFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, MediaFleet.Needed);
        _fleet = fleet;
    }

    [Fact]
    public Task The_npm_package_edits_varies_translates_and_films() => NpmTest.RunAsync(
        File, _fleet.BaseUrl, _fleet.ApiKey, ("FLOTILLA_EMPTY_KEY", _fleet.ApiKey), ("FLOTILLA_MODEL", MediaFleet.Painter), ("FLOTILLA_TOOL_MODEL", MediaFleet.Painter), ("FLOTILLA_READER_MODEL", MediaFleet.Painter));

    [Fact]
    public void Every_command_file_that_is_shipped_is_one() => Assert.All(
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models", "commands"), "*.json"), path => Assert.NotEmpty(CommandFile.Read(path).Model));
}
