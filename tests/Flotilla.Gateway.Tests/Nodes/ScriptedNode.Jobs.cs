using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Nodes;

/// <content>What an honest node says about models and jobs.</content>
internal sealed partial class ScriptedNode
{
    public static Model EngineModel(string name) => new()
    {
        Name = name,
        Runtime = "engine",
        ContextTokens = 1024,
        Capabilities = { "chat", "completion" },
        ModelDigest = new string('a', 64),
        NumericsId = "flotilla-numerics-1",
    };

    public static Event Text(string text, uint tokens = 1, uint choice = 0) => new() { Choice = choice, TokenCount = tokens, Text = new Text { Text_ = text } };

    public static Event End(uint choice = 0) =>
        new() { Choice = choice, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };

    public Task AdvertiseAsync(uint slots, params Model[] models) =>
        SendAsync(new NodeFrame { Advertise = new Advertise { Slots = slots, Region = "EU", Models = { models } } });

    public async Task<Job> JobAsync() => (await ReadAsync(GatewayFrame.BodyOneofCase.Job)).Job;

    public Task AcceptAsync(Job job) => SendAsync(new NodeFrame { Accepted = new Accepted { JobId = job.JobId, Attempt = job.Attempt } });

    public Task EventsAsync(Job job, uint sequence, params Event[] events) => SendAsync(new NodeFrame { Events = Frame(job, sequence, events) });

    public static JobEvents Frame(Job job, uint sequence, params Event[] events) =>
        new() { JobId = job.JobId, Attempt = job.Attempt, Sequence = sequence, Events = { events } };

    /// <summary>Does a whole job, honestly: one frame of events and the Done.</summary>
    public async Task AnswerAsync(Job job, params Event[] events)
    {
        if (events.Length == 0)
            events = [Text("Hello"), Text(" there"), End()];
        await AcceptAsync(job);
        await EventsAsync(job, 0, events);
        await SendAsync(new NodeFrame { Done = Done(job, 1, events) });
    }

    /// <summary>A signed Done over these events.</summary>
    /// <param name="job">The job.</param>
    /// <param name="frames">Frames of events that were sent.</param>
    /// <param name="events">All events.</param>
    /// <param name="change">A lie, told before the signature.</param>
    /// <param name="request">The whole request, where the Job frame held its beginning.</param>
    public Done Done(Job job, uint frames, IEnumerable<Event> events, Action<Done>? change = null, byte[]? request = null)
    {
        using var output = new OutputDigest();
        uint tokens = 0;
        foreach (var item in events)
        {
            output.Append(item);
            tokens += item.TokenCount;
        }

        var done = new Done
        {
            JobId = job.JobId,
            Attempt = job.Attempt,
            Frames = frames,
            Usage = new Usage { PromptTokens = 5, CompletionTokens = tokens },
            TraceRoot = ByteString.CopyFrom(new byte[32]),
            FinishedUnixMs = 1_800_000_000_000,
        };
        change?.Invoke(done);
        var statement = new WorkStatement
        {
            JobId = job.JobId,
            Attempt = job.Attempt,
            NodeId = Id.Value,
            Model = job.Model,
            ModelDigest = new string('a', 64),
            NumericsId = "flotilla-numerics-1",
            InputCommit = Commitments.Of(job.Salt.Span, request ?? job.Request.ToByteArray()),
            OutputCommit = Convert.ToHexStringLower(output.Commit(job.Salt.Span)),
            Seed = job.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            TraceRoot = Convert.ToHexStringLower(done.TraceRoot.Span),
            PromptTokens = done.Usage?.PromptTokens ?? 0,
            CachedTokens = done.Usage?.CachedTokens ?? 0,
            CompletionTokens = done.Usage?.CompletionTokens ?? 0,
            FinishedUnixMs = (long)Math.Min(done.FinishedUnixMs, 1UL << 52),
            Cancelled = done.Cancelled,
        };
        done.Signature = ByteString.CopyFrom(_key.Sign(statement.SignedBytes()));
        return done;
    }
}
