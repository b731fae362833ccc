using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Sse;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes;

/// <summary>Runs jobs on another server that speaks OpenAI's API: vLLM, llama-server, Ollama, another Flotilla.</summary>
public sealed class UpstreamRuntime : IRuntime, IDisposable
{
    internal const string KindName = "upstream";

    private readonly UpstreamOptions _options;
    private readonly UpstreamClient _client;
    private readonly UpstreamExchange _exchange;
    private readonly UpstreamMedia _media;
    private readonly UpstreamVideos _videos;

    /// <summary>Prepares the runtime; nothing is dialled yet.</summary>
    /// <param name="options">The server and how to use it.</param>
    /// <param name="logs">Where logs go; nowhere by default.</param>
    /// <param name="time">The clock of the timeouts; the system's by default.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message has all that <see cref="UpstreamOptionsValidator"/> found.</exception>
    public UpstreamRuntime(UpstreamOptions options, ILoggerFactory? logs = null, TimeProvider? time = null)
    {
        if (UpstreamOptionsValidator.Errors(options) is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        _options = options;
        _client = new UpstreamClient(options);
        var logger = (logs ?? NullLoggerFactory.Instance).CreateLogger("Flotilla.Node.Upstream");
        _exchange = new UpstreamExchange(options, _client, time ?? TimeProvider.System, logger);
        _media = new UpstreamMedia(options, _exchange, time ?? TimeProvider.System);
        _videos = new UpstreamVideos(options, _exchange, time ?? TimeProvider.System, logger);
    }

    /// <inheritdoc />
    public string Kind => KindName;

    /// <inheritdoc />
    public async Task<RuntimeState> ProbeAsync(CancellationToken ct)
    {
        try
        {
            using var response = await _client.SendAsync(HttpMethod.Get, "models", body: null, ct);
            var status = (int)response.StatusCode;
            if (status == 200)
            {
                var list = UpstreamModels.Read(await UpstreamClient.ReadShortAsync(response, ct));
                var catalog = list.MayHaveCatalog ? await CatalogAsync(ct) : [];
                return new RuntimeState(UpstreamModels.Offers(_options, [.. list.Models, .. catalog]));
            }

            // A server without a list is well when the owner has named its models.
            if (status is 404 or 405 or 501 && (_options.Models is not null || _options.Details.Count > 0))
                return new RuntimeState(UpstreamModels.Offers(_options, []));
            return new RuntimeState([], $"{_options.BaseUrl} answered {status} when asked for its models: {UpstreamFailures.Of(status, new UpstreamError(""), null).Meaning}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new RuntimeState([], $"{_options.BaseUrl} cannot be reached: {e.InnerException?.Message ?? e.Message}");
        }
        catch (JsonException)
        {
            return new RuntimeState([], $"{_options.BaseUrl} answered with something else than a list of models; the base URL usually ends in /v1");
        }
    }

    /// <inheritdoc />
    public Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct) => job.Work switch
    {
        TextRequest work => GenerateAsync(job, work, output, ct),
        SpeechRequest or TranscriptionRequest or ImageRequest => _media.RunAsync(job, output, ct),
        VideoRequest work => _videos.RunAsync(job, work, output, ct),
        _ => AnswerAsync(job, output, ct),
    };

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    /// <summary>The models that a Flotilla leaves out of its list, because they are about sound or pictures alone; without those of which nothing is understood.</summary>
    private async Task<IReadOnlyList<UpstreamModel>> CatalogAsync(CancellationToken ct)
    {
        using var response = await _client.SendAsync(HttpMethod.Get, "catalog", body: null, ct);
        // Any server may have an empty list, and few a catalog.
        return (int)response.StatusCode == 200 && response.Content.Headers.ContentType?.MediaType == "application/json"
            ? [.. UpstreamModels.Read(await UpstreamClient.ReadShortAsync(response, ct)).Models.Where(m => m.Capabilities.Count > 0)]
            : [];
    }

    private async Task<RunResult> GenerateAsync(RunRequest job, TextRequest work, IRunOutput output, CancellationToken ct)
    {
        byte[] body;
        try
        {
            body = ChatRequestWriter.Write(work, _options.NameThere(job.Model.Name), job.Seed);
        }
        catch (JsonException)
        {
            return RunResult.Failed(new RunFailure(Code.InvalidRequest, "A schema of the request is not JSON.", Retryable: false) { Param = "tools" });
        }

        return await _exchange.AskAsync(
            Call(job, ChatRequestWriter.PathOf(work), body, "text/event-stream"), (response, clock, patience) => ReadAsync(job, response, output, clock, patience), ct);
    }

    private async Task<RunResult> AnswerAsync(RunRequest job, IRunOutput output, CancellationToken ct)
    {
        var inputs = UpstreamInputs.Of(job.Work, _options.NameThere(job.Model.Name)) ?? throw new NotSupportedException($"An upstream does no jobs of kind {job.Kind.Number}.");
        return await _exchange.AskAsync(Call(job, inputs.Path, inputs.Body, "application/json"), async (response, clock, patience) =>
        {
            var (events, tokens) = inputs.Read(await UpstreamClient.ReadAsync(response, NodeLimits.UpstreamAnswerBytesMax, patience));
            // While the gateway's window is shut, it is not the upstream that is slow.
            clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (Unfit(job, events) is { } failure)
                return RunResult.Failed(failure);
            foreach (var item in events)
                await output.EmitAsync(item, patience);
            return RunResult.Completed(new Usage { PromptTokens = (uint)Math.Min(tokens, job.Shape.InputUnitsMax) });
        }, ct);
    }

    /// <summary>What is wrong with an answer's vectors, where it has any. Some servers do not know <c>dimensions</c> and say nothing.</summary>
    private static RunFailure? Unfit(RunRequest job, IReadOnlyList<Event> events)
    {
        if (job.Work is not EmbedRequest)
            return null;
        var length = events[0].Vector.Values.Length / sizeof(float);
        if (events.Any(e => e.Vector.Values.Length != events[0].Vector.Values.Length))
            return UpstreamFailures.Strange;
        return job.Shape.Dimensions > 0 && length != job.Shape.Dimensions
            ? new RunFailure(Code.Unsupported, $"This model's embeddings have {length} dimensions and cannot be shortened; {job.Shape.Dimensions} were asked for.", Retryable: false)
            {
                Param = "dimensions",
            }
            : VectorSize.Check(events.Count, length);
    }

    private UpstreamCall Call(RunRequest job, string path, byte[] json, string mediaType) =>
        new(job, path, UpstreamClient.Json(json), _options.FirstEventTimeout) { MediaType = mediaType };

    private async Task<RunResult> ReadAsync(RunRequest job, HttpResponseMessage response, IRunOutput output, ITimer clock, CancellationToken patience)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(patience);
        using var events = new SseReader(stream, OpenAiLimits.UpstreamEventBytesMax);
        var reader = new ChatStreamReader(job.Choices);
        var answer = new UpstreamAnswer(job);
        var items = new List<Event>();
        for (var ended = false; !ended;)
        {
            var data = await NextAsync(events, answer, patience);
            // While the gateway's window is shut, it is not the upstream that is slow.
            clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            items.Clear();
            switch (data is { } bytes ? reader.Read(bytes, items) : ChatStreamResult.Done)
            {
                case ChatStreamResult.Error:
                    return _exchange.Fail(job, UpstreamFailures.Broke, $"it sent an error of code '{reader.Error?.Code}' inside its answer");
                case ChatStreamResult.Malformed:
                    return _exchange.Fail(job, UpstreamFailures.Strange, "an event of its answer is malformed");
                case ChatStreamResult.Done:
                    ended = true;
                    // Without its mark the end may be a cut; with it, a server that gives no reasons has still finished.
                    if (data is null && answer.Open.Count > 0)
                        return _exchange.Fail(job, UpstreamFailures.Gone, "its answer broke off");
                    if (answer.LacksChoices)
                        return _exchange.Fail(job, UpstreamFailures.FewerChoices, "it makes fewer answers than 'n' asks for");
                    items.AddRange(answer.Open.Order().Select(c => new Event { Choice = c, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }));
                    break;
            }

            foreach (var item in items)
            {
                var (pass, failure) = answer.Admit(item);
                if (failure is not null)
                    return _exchange.Fail(job, failure, "its answer is longer than the request allows, names a tool at length, or lacks the call or the log probabilities that were demanded");
                if (pass)
                    await output.EmitAsync(item, patience);
            }

            clock.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);
        }

        return RunResult.Completed(answer.Usage(reader.Usage));
    }

    /// <summary>The next event's data; null at the end. What breaks after every choice has ended is an end, too: only the usage is missing.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> NextAsync(SseReader events, UpstreamAnswer answer, CancellationToken patience)
    {
        try
        {
            return await events.ReadAsync(patience);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && answer.Open.Count == 0)
        {
            return null;
        }
    }
}
