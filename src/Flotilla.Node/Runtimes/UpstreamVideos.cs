using Flotilla.Node.Runtimes.Command;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// Videos of another server: ordered, asked for until they are made, fetched into a file and looked at before anything of them goes on;
/// and removed there at the end, whichever it is.
/// </summary>
internal sealed class UpstreamVideos(UpstreamOptions options, UpstreamExchange exchange, TimeProvider time, ILogger logger)
{
    private const string Path = "videos";
    private const string FileName = "answer.mp4";

    /// <summary>Does one job.</summary>
    /// <inheritdoc cref="IRuntime.RunAsync" />
    public async Task<RunResult> RunAsync(RunRequest job, VideoRequest work, IRunOutput output, CancellationToken ct)
    {
        await using var signs = new SignsOfLife(output, job.Choices, time, ct);
        var form = UpstreamClient.Form(MediaRequestWriter.Form(work, options.NameThere(job.Model.Name)));
        var (video, failure) = await StateAsync(new UpstreamCall(job, Path, form, options.FirstEventTimeout), ct);
        if (video is null)
            return RunResult.Failed(failure!);
        try
        {
            failure = await WhenMadeAsync(job, video, ct);
            return failure is null ? await FetchAsync(job, work, video.Id, signs, ct) : RunResult.Failed(failure);
        }
        finally
        {
            // Nobody asks for it any more. A server that keeps it nevertheless fails nothing here.
            var removal = new UpstreamCall(job, $"{Path}/{video.Id}", null, NodeLimits.UpstreamRemovalTime) { Method = HttpMethod.Delete };
            await exchange.AskAsync(removal, static (_, _, _) => Task.FromResult(RunResult.Completed(new Usage())), CancellationToken.None);
        }
    }

    /// <returns>Null once it is made, or why it is not.</returns>
    private async Task<RunFailure?> WhenMadeAsync(RunRequest job, UpstreamVideo video, CancellationToken ct)
    {
        var limit = options.Details.GetValueOrDefault(job.Model.Name)?.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : NodeLimits.UpstreamVideoTime;
        var (started, pause, missed) = (time.GetTimestamp(), NodeLimits.UpstreamPollFirst, 0);
        while (video.IsOpen)
        {
            if (time.GetElapsedTime(started) + pause > limit)
                return exchange.Fail(job, UpstreamFailures.Silent, $"its video was not made within {limit.TotalSeconds} s").Failure;
            await Task.Delay(pause, time, ct);
            pause = pause * 2 < NodeLimits.UpstreamPollMax ? pause * 2 : NodeLimits.UpstreamPollMax;
            var (now, failure) = await StateAsync(new UpstreamCall(job, $"{Path}/{video.Id}", null, options.IdleTimeout) { Method = HttpMethod.Get }, ct);
            // One answer that is lost among many is no end of the video.
            if (now is null && (failure!.Code != Failed.Types.Code.Unavailable || ++missed > NodeLimits.UpstreamPollsMissedMax))
                return failure;
            missed = now is null ? missed : 0;
            video = now is null ? video : now with { Id = video.Id };
        }

        return video.IsMade ? null : exchange.Fail(job, UpstreamFailures.NotMade(video.Error, options.ApiKey), $"its video ended as '{video.Status}'").Failure;
    }

    private async Task<(UpstreamVideo? Video, RunFailure? Failure)> StateAsync(UpstreamCall call, CancellationToken ct)
    {
        UpstreamVideo? video = null;
        var result = await exchange.AskAsync(
            call with { MediaType = "application/json" },
            async (response, _, patience) =>
            {
                video = UpstreamVideo.Read(await UpstreamClient.ReadAsync(response, NodeLimits.UpstreamBodyBytesMax, patience));
                return RunResult.Completed(new Usage());
            },
            ct);
        return (video, result.Failure);
    }

    private async Task<RunResult> FetchAsync(RunRequest job, VideoRequest work, string id, SignsOfLife output, CancellationToken ct)
    {
        var call = new UpstreamCall(job, $"{Path}/{id}/content", null, options.FirstEventTimeout) { Method = HttpMethod.Get };
        return await exchange.AskAsync(
            call,
            async (response, clock, patience) =>
            {
                using var folder = new WorkFolder(logger);
                await using var file = new FileStream(folder.PathOf(FileName), FileMode.CreateNew, FileAccess.ReadWrite);
                if (!await TryStoreAsync(response, file, job.Shape.OutputMax, clock, patience))
                    return exchange.Fail(job, UpstreamFailures.Endless, $"its video has more than the {job.Shape.OutputMax} bytes that one of {work.Seconds} s may have");
                // While the gateway's window is shut, it is not the upstream that is slow.
                clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                if (Mp4File.Read(file) is not { } head)
                    return exchange.Fail(job, UpstreamFailures.Strange, "its video is no MP4 file that shows a picture and tells its length");
                if (work.Width > 0 && (head.Width, head.Height) != ((int)work.Width, (int)work.Height))
                    return RunResult.Failed(UpstreamFailures.Other("size", $"{work.Width}x{work.Height}", $"{head.Width}x{head.Height}"));
                file.Position = 0;
                await PassAsync(file, new MediaWriter(output, 0), patience);
                // More than was asked for is not paid, and less is not charged.
                var seconds = (uint)Math.Min(head.BegunSeconds, work.Seconds);
                await output.EmitAsync(new Event { TokenCount = seconds, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }, patience);
                return RunResult.Completed(new Usage { CompletionTokens = seconds });
            },
            ct);
    }

    /// <returns>False where there is more of it than may be.</returns>
    private async Task<bool> TryStoreAsync(HttpResponseMessage response, FileStream file, long bytesMax, ITimer clock, CancellationToken patience)
    {
        await using var content = await response.Content.ReadAsStreamAsync(patience);
        var buffer = new byte[NodeLimits.CommandPipeBytes];
        for (int count; (count = await content.ReadAsync(buffer, patience)) > 0;)
        {
            if (file.Length + count > bytesMax)
                return false;
            await file.WriteAsync(buffer.AsMemory(0, count), patience);
            clock.Change(options.IdleTimeout, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    private static async Task PassAsync(FileStream file, MediaWriter writer, CancellationToken ct)
    {
        var buffer = new byte[NodeLimits.CommandPipeBytes];
        for (int count; (count = await file.ReadAsync(buffer, ct)) > 0;)
            await writer.WriteAsync(buffer.AsMemory(0, count), ct);
    }
}
