using System.Collections.Concurrent;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// Jobs of sound and pictures on another server. What it sends is looked at before it goes on: neither its lengths nor its content
/// types are believed, and no address that it names is fetched.
/// </summary>
internal sealed class UpstreamMedia(UpstreamOptions options, UpstreamExchange exchange, TimeProvider time)
{
    private const string FormatField = "response_format";

    // Models that do not take the field as most do; after a restart it is found out again.
    private readonly ConcurrentDictionary<(string Model, Job.Types.Kind Kind), bool> _plain = [];

    /// <summary>Does one job.</summary>
    /// <inheritdoc cref="IRuntime.RunAsync" />
    public async Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct)
    {
        await using var signs = new SignsOfLife(output, job.Choices, time, ct);
        return job.Work switch
        {
            SpeechRequest work => await SpeakAsync(job, work, signs, ct),
            TranscriptionRequest work => await AskAsync(job, isPlain => TranscribeAsync(job, work, isPlain, signs, ct)),
            ImageRequest work => Unreadable(work) is { } refused ? RunResult.Failed(refused) : await AskAsync(job, isPlain => DrawAsync(job, work, isPlain, signs, ct)),
            _ => throw new NotSupportedException($"Jobs of kind {job.Kind.Number} are not about sound or pictures."),
        };
    }

    private async Task<RunResult> SpeakAsync(RunRequest job, SpeechRequest work, SignsOfLife output, CancellationToken ct)
    {
        var asked = work.Clone();
        if (Details(job).Voices is { Count: > 0 } voices)
        {
            if (!voices.TryGetValue(work.Voice, out var theirs))
                return RunResult.Failed(RunFailure.NoSuchWord(job.Model.Name, "voice", [.. voices.Keys]));
            asked.Voice = theirs;
        }

        var call = Call(job, "audio/speech", UpstreamClient.Json(MediaRequestWriter.Write(asked, options.NameThere(job.Model.Name))), mediaType: null);
        return await exchange.AskAsync(call, (response, clock, patience) => HearAsync(job, work.ResponseFormat, response, output, clock, patience), ct);
    }

    private async Task<RunResult> HearAsync(RunRequest job, string format, HttpResponseMessage response, SignsOfLife output, ITimer clock, CancellationToken patience)
    {
        await using var sound = await response.Content.ReadAsStreamAsync(patience);
        var buffer = new byte[NodeLimits.MediaEventBytes];
        var count = await sound.ReadAtLeastAsync(buffer, SoundSignature.Bytes, throwOnEndOfStream: false, patience);
        if (Unlike(format, response.Content.Headers.ContentType?.MediaType, buffer.AsSpan(0, count)) is { } failure)
            return exchange.Fail(job, failure, $"what it sent is no {format}");
        // While the gateway's window is shut, it is not the upstream that is slow.
        Stop(clock);
        var characters = (uint)job.Shape.InputUnitsMax;
        await output.EmitAsync(new Event { PromptReady = new PromptReady { PromptTokens = characters } }, patience);
        var writer = new MediaWriter(output, 0);
        for (long total = count; count > 0; total += count)
        {
            if (total > job.Shape.OutputMax)
                return exchange.Fail(job, UpstreamFailures.Endless, $"it sent more than the {job.Shape.OutputMax} bytes that the text can be");
            await writer.WriteAsync(buffer.AsMemory(0, count), patience);
            clock.Change(options.IdleTimeout, Timeout.InfiniteTimeSpan);
            count = await sound.ReadAsync(buffer, patience);
            Stop(clock);
        }

        await output.EmitAsync(Done(0), patience);
        return RunResult.Completed(new Usage { PromptTokens = characters });
    }

    /// <summary>What is wrong with the beginning of speech, or null.</summary>
    private static RunFailure? Unlike(string format, string? mediaType, ReadOnlySpan<byte> head)
    {
        // A page of an error is no sound, and samples without a head can't be told from it.
        if (head.IsEmpty || mediaType is "application/json" || mediaType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
            return UpstreamFailures.Strange;
        if (SoundSignature.IsSpeech(head, format))
            return null;
        return SoundSignature.FormatOf(head) is { } made ? UpstreamFailures.Other(FormatField, format, made) : UpstreamFailures.Strange;
    }

    private async Task<RunResult> TranscribeAsync(RunRequest job, TranscriptionRequest work, bool isPlain, SignsOfLife output, CancellationToken ct)
    {
        if (isPlain && work.Words)
            return RunResult.Failed(NoWords(job));
        var form = MediaRequestWriter.Form(work, options.NameThere(job.Model.Name), verbose: !isPlain);
        var bytesMax = (int)Math.Min(NodeLimits.UpstreamAnswerBytesMax, NodeLimits.TranscriptBytesFree + (job.Shape.InputUnitsMax * NodeLimits.TranscriptBytesPerSecond));
        return await exchange.AskAsync(Call(job, MediaRequestWriter.PathOf(work), UpstreamClient.Form(form)), async (response, clock, patience) =>
        {
            var (segments, seconds) = TranscriptAnswerReader.Read(await UpstreamClient.ReadAsync(response, bytesMax, patience), NodeLimits.SegmentCharsMax);
            Stop(clock);
            if (segments.Sum(s => (long)s.Text.Length + s.Words.Sum(w => w.Text.Length)) > job.Shape.OutputMax)
                return exchange.Fail(job, UpstreamFailures.Endless, "its transcript is longer than anybody speaks in a sound of that length");
            if (work.Words && segments.Count > 0 && !segments.Any(s => s.Words.Count > 0))
                return RunResult.Failed(NoWords(job));
            // A server that does not tell the length is not believed to have heard nothing: a begun second counts whole.
            var units = (uint)Math.Clamp(Math.Ceiling(seconds), 1, job.Shape.InputUnitsMax);
            await output.EmitAsync(new Event { PromptReady = new PromptReady { PromptTokens = units } }, patience);
            foreach (var segment in segments)
                await output.EmitAsync(new Event { Segment = segment }, patience);
            await output.EmitAsync(Done(0), patience);
            return RunResult.Completed(new Usage { PromptTokens = units });
        }, ct);
    }

    private async Task<RunResult> DrawAsync(RunRequest job, ImageRequest work, bool isPlain, SignsOfLife output, CancellationToken ct)
    {
        var theirs = options.NameThere(job.Model.Name);
        var body = work.Task == ImageRequest.Types.Task.Generate
            ? UpstreamClient.Json(MediaRequestWriter.Write(work, theirs, asksBase64: !isPlain))
            : UpstreamClient.Form(MediaRequestWriter.Form(work, theirs, asksBase64: !isPlain));
        return await exchange.AskAsync(Call(job, MediaRequestWriter.PathOf(work), body), async (response, clock, patience) =>
        {
            var pictures = PictureAnswerReader.Read(await UpstreamClient.ReadAsync(response, NodeLimits.UpstreamAnswerBytesMax, patience), (int)work.Count);
            Stop(clock);
            if (pictures.Sum(p => (long)p.Length) > LinkLimits.PicturesBytesMax)
                return exchange.Fail(job, UpstreamFailures.Strange, $"its pictures have more than {LinkLimits.PicturesBytesMax} bytes");
            if (pictures.Select(p => Unlike(work, p)).OfType<RunFailure>().FirstOrDefault() is { } failure)
                return exchange.Fail(job, failure, $"a picture of its is no {work.OutputFormat}, or of another size than asked for");
            for (uint i = 0; i < pictures.Count; i++)
            {
                await new MediaWriter(output, i).WriteAsync(pictures[(int)i], patience);
                await output.EmitAsync(Done(i, units: 1), patience);
            }

            return RunResult.Completed(new Usage { CompletionTokens = work.Count });
        }, ct);
    }

    /// <summary>What is wrong with a picture, or null.</summary>
    private static RunFailure? Unlike(ImageRequest work, byte[] picture)
    {
        if (ImageHeader.Fault(picture, out var header) is not null)
            return UpstreamFailures.Strange;
        if (work.OutputFormat.Length > 0 && header.MediaType != "image/" + work.OutputFormat)
            return UpstreamFailures.Other("output_format", work.OutputFormat, header.MediaType);
        return work.Width > 0 && (header.Width, header.Height) != ((int)work.Width, (int)work.Height)
            ? UpstreamFailures.Other("size", $"{work.Width}x{work.Height}", $"{header.Width}x{header.Height}")
            : null;
    }

    /// <summary>What is wrong with the pictures that a client sent, or null: servers go by the names and types that we give them.</summary>
    private static RunFailure? Unreadable(ImageRequest work)
    {
        foreach (var (param, image) in work.Images.Select(i => ("image", i)).Concat(work.Mask.IsEmpty ? [] : [("mask", work.Mask)]))
        {
            if (ImageHeader.Fault(image.Span, out _) is { } fault)
                return new RunFailure(Code.InvalidRequest, $"'{param}' {fault}.", Retryable: false) { Param = param };
        }

        return null;
    }

    /// <summary>Asks as most servers need it; where one refuses a way to answer, once more without it.</summary>
    private async Task<RunResult> AskAsync(RunRequest job, Func<bool, Task<RunResult>> ask)
    {
        var key = (job.Model.Name, job.Kind.Number);
        var isPlain = _plain.ContainsKey(key);
        var result = await ask(isPlain);
        if (isPlain || result.Failure is not { Code: Code.InvalidRequest } refusal
            || (refusal.Param != FormatField && !refusal.Message.Contains(FormatField, StringComparison.Ordinal)))
            return result;
        result = await ask(true);
        if (result.Failure is null)
            _plain.TryAdd(key, true);
        return result;
    }

    private static RunFailure NoWords(RunRequest job) =>
        new(Code.Unsupported, $"The model '{job.Model.Name}' does not tell the times of single words.", Retryable: false) { Param = "timestamp_granularities" };

    private UpstreamCall Call(RunRequest job, string path, HttpContent body, string? mediaType = "application/json") =>
        new(job, path, body, Details(job).Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.FirstEventTimeout) { MediaType = mediaType };

    private UpstreamModelOptions Details(RunRequest job) => options.Details.GetValueOrDefault(job.Model.Name) ?? new UpstreamModelOptions();

    private static void Stop(ITimer clock) => clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private static Event Done(uint choice, uint units = 0) =>
        new() { Choice = choice, TokenCount = units, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };
}
