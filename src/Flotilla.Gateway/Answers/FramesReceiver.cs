using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Answers;

/// <summary>Takes the frames of a video, each a picture of its own, and keeps them for the model that will look at them.</summary>
internal sealed class FramesReceiver(int count) : IReceiver
{
    private const string MediaType = "image/jpeg";

    private readonly ArrayBufferWriter<byte>[] _frames = [.. Enumerable.Range(0, count).Select(_ => new ArrayBufferWriter<byte>())];
    private readonly uint[] _counted = new uint[count];

    public bool Begun => false;

    public long Unflushed => 0;

    // The request says how many bytes its frames may have, and a node is held to that.
    public bool IsFull => false;

    /// <summary>The frames in their order, as <c>data:</c> URLs.</summary>
    public IReadOnlyList<string> DataUrls => [.. Taken.Select(f => ImageHeader.Read(f.WrittenSpan)!.Value.DataUrl(f.WrittenSpan))];

    private IEnumerable<ArrayBufferWriter<byte>> Taken => _frames.TakeWhile(f => f.WrittenCount > 0);

    public void Restart()
    {
        Array.Clear(_counted);
        foreach (var frame in _frames)
            frame.ResetWrittenCount();
    }

    public bool TryCut() => false;

    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Media)
            _frames[item.Choice].Write(item.Media.Data.Span);
        _counted[item.Choice] += item.TokenCount;
    }

    public ValueTask<string?> LieAsync()
    {
        var taken = Taken.Count();
        // What a node counts is charged, and what it sends is shown to another one's model.
        var wrong = taken == 0 ? "no frame of a video"
            : _frames.Skip(taken).Any(f => f.WrittenCount > 0) ? "frames of a video with a gap between them"
            : _counted.Where((c, i) => c != (i < taken ? 1 : 0)).Any() ? $"{taken} frames of a video, of which it counts {_counted.Sum(c => c)}"
            : _frames.Take(taken).Any(f => !IsFrame(f.WrittenSpan)) ? $"a frame of a video that is no {MediaType} of at most {OpenAiLimits.FrameSideMax} pixels a side"
            : null;
        return ValueTask.FromResult(wrong);
    }

    public ValueTask<bool> FlushAsync(CancellationToken cancellation) => ValueTask.FromResult(false);

    private static bool IsFrame(ReadOnlySpan<byte> file) =>
        ImageHeader.Fault(file, out var header) is null && header.MediaType == MediaType && Math.Max(header.Width, header.Height) <= OpenAiLimits.FrameSideMax;
}
