using System.Runtime.InteropServices;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>What an MP4 file says of its length and its pictures; nobody has looked whether it is true.</summary>
/// <param name="Scale">Parts of a second; more than 0.</param>
/// <param name="Duration">How long it plays, in these; more than 0.</param>
/// <param name="Width">Of the largest track of pictures, in pixels; 0 where it is not told.</param>
/// <param name="Height">In pixels; 0 where it is not told.</param>
public readonly record struct Mp4Head(uint Scale, ulong Duration, int Width, int Height)
{
    /// <summary>What is wrong with a file as a video to look at, as the end of a sentence; null where nothing is.</summary>
    /// <param name="file">The bytes.</param>
    public static string? Fault(ReadOnlyMemory<byte> file)
    {
        if (file.Length > OpenAiLimits.VideoBytesMax)
            return $"has {file.Length} bytes; at most {OpenAiLimits.VideoBytesMax} are possible";
        if (Of(file) is not { } head)
            return "is no whole MP4 file that shows a picture and tells its length (a movie in fragments does not)";
        if (head.BegunSeconds > OpenAiLimits.VideoPlaysSecondsMax)
            return $"plays for {head.BegunSeconds} s; at most {OpenAiLimits.VideoPlaysSecondsMax} are possible";
        return (long)head.Width * head.Height is 0 or > OpenAiLimits.VideoPixelsMax
            ? $"has pictures of {head.Width} x {head.Height} pixels; they have 1 to {OpenAiLimits.VideoPixelsMax}"
            : null;
    }

    /// <summary>What a file in memory says; null as of <see cref="Mp4File.Read"/>.</summary>
    public static Mp4Head? Of(ReadOnlyMemory<byte> file)
    {
        var array = MemoryMarshal.TryGetArray(file, out var segment) ? segment : new ArraySegment<byte>(file.ToArray());
        using var stream = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
        return Mp4File.Read(stream);
    }

    /// <summary>How long it plays.</summary>
    public double Seconds => (double)Duration / Scale;

    /// <summary>The same, a begun second whole.</summary>
    public long BegunSeconds => (long)Math.Min((Duration / Scale) + (Duration % Scale > 0 ? 1ul : 0), long.MaxValue);
}
