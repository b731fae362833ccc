using System.Buffers;
using Flotilla.Gateway.Calls;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Answers;

/// <summary>A video, which grows on the disk where it is kept. Nobody sees a part of it, so another node may begin anew; and it is durable, and looked at, before it is charged.</summary>
internal sealed class VideoAnswer(HttpContext http, AnswerFile file) : IAnswer
{
    /// <summary>What the answer is.</summary>
    public const string MediaType = "video/mp4";

    private readonly ArrayBufferWriter<byte> _pending = new();
    private long _seconds;

    public bool Begun => false;

    public long Unflushed => _pending.WrittenCount;

    // The request says how many bytes its video may have, and a node is held to that.
    public bool IsFull => false;

    public void Restart()
    {
        _pending.ResetWrittenCount();
        _seconds = 0;
        file.Restart();
    }

    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Media)
            _pending.Write(item.Media.Data.Span);
        _seconds += item.TokenCount;
    }

    public async ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        await file.WriteAsync(_pending.WrittenMemory, cancellation);
        _pending.ResetWrittenCount();
        return false;
    }

    // A film that is cut off is none.
    public bool TryCut() => false;

    public async ValueTask<string?> LieAsync()
    {
        await FlushAsync(CancellationToken.None);
        await file.FinishAsync();
        await using var video = file.Open();
        // What a node counts is charged, so the file must play as long; whether its pictures are worth it, nobody here can know.
        return Mp4File.Seconds(video) switch
        {
            null => "a video that is no MP4 file with pictures and a length",
            _ when _seconds == 0 => "a video of which it counts nothing",
            { } plays when plays < _seconds => $"a video that plays for {plays} seconds, of which it counts {_seconds}",
            _ => null,
        };
    }

    public async ValueTask EndAsync(Usage usage, CancellationToken cancellation)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = MediaType;
        await http.Response.BodyWriter.FlushAsync(cancellation);
    }

    public async ValueTask FailAsync(ApiError error, CancellationToken cancellation) => await ErrorResponse.WriteAsync(http, error);
}
