using System.Diagnostics;
using Xunit;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>Debian's ffmpeg, to make what a test sends and to look at what it got.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs it on bytes.</summary>
    /// <param name="input">What it reads from <c>pipe:0</c>.</param>
    /// <param name="arguments">What it is told; it writes to <c>pipe:1</c>.</param>
    public static async Task<byte[]> RunAsync(byte[] input, params string[] arguments)
    {
        ProcessStartInfo start = new("ffmpeg", ["-v", "error", .. arguments, "pipe:1"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using MemoryStream output = new();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It had enough; its exit code says whether that is well.
        }

        await reading;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }

    /// <summary>A picture with many colours and an up and a down.</summary>
    public static Task<byte[]> TestPictureAsync(string codec = "png") => RunAsync([], "-f", "lavfi", "-i", "testsrc2=s=256x256", "-frames:v", "1", "-c:v", codec, "-f", "image2pipe");

    /// <summary>A picture's pixels, four bytes each.</summary>
    public static Task<byte[]> PixelsAsync(byte[] picture) => RunAsync(picture, "-f", "image2pipe", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgba");
}
