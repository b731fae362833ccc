using System.Diagnostics;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Models;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Gguf;

public sealed class MalformedGgufTests
{
    /// <summary>Per file: twice its size and 16 MiB, the promise of fault F30.</summary>
    private const long AllocationSlack = 16 * 1024 * 1024;

    /// <summary>A refusal takes milliseconds; this is what a machine at its limit may make of them.</summary>
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Names => [.. MalformedGguf.Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_malformed_file_says_what_is_wrong(string name)
    {
        var (error, build) = MalformedGguf.Cases[name];
        var bytes = build();
        using var file = SyntheticModelFile.Of(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();

        var exception = Assert.Throws<GgufException>(() => LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken));

        Assert.Equal(error, exception.Error);
        Assert.True(Stopwatch.GetElapsedTime(start) < s_timeMax);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2L * bytes.Length) + AllocationSlack);
    }

    [Fact]
    public void Load_good_file_is_accepted()
    {
        using var file = SyntheticModelFile.Create();
        var model = LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken);
        Assert.Equal("qwen3", model.Info.Architecture);
        Assert.Equal(500, model.Info.VocabularySize);
        Assert.True(model.Info.SupportsTools);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.Path))), model.Info.FileDigest);
    }

    [Theory]
    [InlineData(2, 32)]
    [InlineData(3, 64)]
    [InlineData(3, 4096)]
    public void Load_other_version_or_alignment_is_accepted(uint version, int alignment)
    {
        var bytes = MalformedGguf.With(w =>
        {
            w.Version = version;
            w.Alignment = alignment;
            w.Add("general.alignment", (uint)alignment);
        });
        using var file = SyntheticModelFile.Of(bytes);
        Assert.Equal(4, LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken).Info.LayerCount);
    }

    /// <summary>A file cut anywhere in its header is refused at once, and cut in its data before any weight is read.</summary>
    [Fact]
    public void Load_file_cut_anywhere_is_refused()
    {
        var bytes = SyntheticModel.Build(new() { Layers = 1 });
        for (var length = 0; length < bytes.Length; length += length < 6000 ? 37 : 4999)
        {
            using var file = SyntheticModelFile.Of(bytes[..length]);
            var exception = Assert.Throws<GgufException>(() => LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken));
            Assert.Contains(exception.Error, new[] { GgufError.Truncated, GgufError.TooLarge, GgufError.OutsideFile });
        }
    }

    /// <summary>The length is taken when the file is opened; what is missing later is found missing, not read from elsewhere.</summary>
    [Fact]
    public void Load_file_that_shrinks_meanwhile_is_refused()
    {
        using var file = SyntheticModelFile.Create(SyntheticModelOptions.DemoShape);
        var progress = new Shrink(file.Path);
        var exception = Assert.Throws<GgufException>(() => LoadedModel.Load(file.Path, 0, progress, TestContext.Current.CancellationToken));
        Assert.Equal(GgufError.Truncated, exception.Error);
    }

    /// <summary>Whatever a flipped bit does, the answer is a model or one of the two typed errors, soon.</summary>
    [Fact]
    public void Load_file_with_flipped_bytes_never_ends_otherwise()
    {
        var good = SyntheticModel.Build(new() { Layers = 1, Vocabulary = 300, ChatTemplate = null });
        var random = new Random(20261120);
        var refused = 0;
        for (var round = 0; round < 400; round++)
        {
            var bytes = good.ToArray();
            for (var flips = 1 + (round % 4); flips > 0; flips--)
                bytes[random.Next(round % 3 == 0 ? 400 : 9000)] = (byte)random.Next(256);
            using var file = SyntheticModelFile.Of(bytes);
            var start = Stopwatch.GetTimestamp();
            try
            {
                LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken);
            }
            catch (Exception exception) when (exception is GgufException or ModelNotSupportedException)
            {
                refused++;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < s_timeMax, $"round {round} took too long");
        }

        Assert.InRange(refused, 100, 400);
    }

    private sealed class Shrink(string path) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(Math.Min(file.Length, value.BytesRead));
        }
    }
}
