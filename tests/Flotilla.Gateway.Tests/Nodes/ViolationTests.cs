using System.Net.WebSockets;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>What an evil node may try: each ends its session with a reason, loses its attempts, and harms nobody else.</summary>
public sealed class ViolationTests
{
    public static TheoryData<string> Evil => [.. Scripts.Keys];

    private static readonly Event Hello = ScriptedNode.Text("Hello");

    private static Dictionary<string, Func<ScriptedNode, Job, Task>> Scripts { get; } = new()
    {
        ["garbage"] = (node, _) => node.SendRawAsync([0xFF, 0xFE, 0xFD, 1, 2, 3]),
        ["an empty message"] = (node, _) => node.SendRawAsync([]),
        ["a frame without a body"] = (node, _) => node.SendAsync(new NodeFrame()),
        ["groups nested without end"] = (node, _) => node.SendRawAsync([.. Enumerable.Repeat((byte)0x7B, 60_000)]),
        ["text that is no UTF-8"] = (node, job) => node.SendRawAsync(BadUtf8(node, job)),
        ["a second hello"] = (node, _) => node.SendAsync(new NodeFrame { Hello = node.Hello }),
        ["a frame of another session"] = (node, job) =>
            node.SendRawAsync(new NodeFrame { SessionEpoch = node.Epoch - 1, Accepted = new Accepted { JobId = job.JobId, Attempt = 1 } }.ToByteArray()),
        ["a job it was not given"] = (node, _) => node.SendAsync(new NodeFrame { Accepted = new Accepted { JobId = "job_of_others", Attempt = 1 } }),
        ["an attempt it was not given"] = (node, job) => node.SendAsync(new NodeFrame { Accepted = new Accepted { JobId = job.JobId, Attempt = 2 } }),
        ["events of a job it was not given"] = (node, _) => node.EventsAsync(new Job { JobId = "job_of_others", Attempt = 1 }, 0, Hello),
        ["events before Accepted"] = (node, job) => node.EventsAsync(job, 0, Hello),
        ["Accepted twice"] = async (node, job) => { await node.AcceptAsync(job); await node.AcceptAsync(job); },
        ["Rejected after Accepted"] = async (node, job) =>
        {
            await node.AcceptAsync(job);
            await node.SendAsync(new NodeFrame { Rejected = new Rejected { JobId = job.JobId, Attempt = 1, Reason = Rejected.Types.Reason.Busy } });
        },
        ["a sequence gap"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, Hello); await node.EventsAsync(job, 2, Hello); },
        ["a sequence repeat"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, Hello); await node.EventsAsync(job, 0, Hello); },
        ["a choice too many"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, ScriptedNode.Text("x", choice: 1)); },
        ["a choice of four billion"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, ScriptedNode.Text("x", choice: uint.MaxValue)); },
        ["a tool call where nobody chats"] = async (node, job) =>
        {
            await node.AcceptAsync(job);
            await node.EventsAsync(job, 0, new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Name = "f", Arguments = "{}" } });
        },
        ["tokens after the end"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, ScriptedNode.End()); await node.EventsAsync(job, 1, Hello); },
        ["more tokens than asked for"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, ScriptedNode.Text("x", tokens: 65)); },
        ["four billion tokens"] = async (node, job) => { await node.AcceptAsync(job); await node.EventsAsync(job, 0, ScriptedNode.Text("x", tokens: uint.MaxValue)); },
        ["a thousand events that say nothing"] = async (node, job) =>
        {
            await node.AcceptAsync(job);
            await node.EventsAsync(job, 0, [.. Enumerable.Range(0, 1000).Select(_ => new Event())]);
        },
        ["a Done of a job that did not begin"] = (node, job) => node.SendAsync(new NodeFrame { Done = node.Done(job, 0, []) }),
        ["an unknown finish"] = async (node, job) =>
        {
            await node.AcceptAsync(job);
            await node.EventsAsync(job, 0, new Event { ChoiceDone = new ChoiceDone { Finish = (ChoiceDone.Types.Finish)99 } });
        },
        ["an unknown failure"] = (node, job) => node.SendAsync(new NodeFrame { Failed = new Failed { JobId = job.JobId, Attempt = 1, Code = (Failed.Types.Code)99 } }),
        ["frames miscounted"] = (node, job) => DoneAsync(node, job, frames: 2),
        ["usage inflated"] = (node, job) => DoneAsync(node, job, d => d.Usage.CompletionTokens = 60),
        ["usage of four billion"] = (node, job) => DoneAsync(node, job, d => d.Usage.PromptTokens = uint.MaxValue),
        ["usage missing"] = (node, job) => DoneAsync(node, job, d => d.Usage = null),
        ["more cached than prompt"] = (node, job) => DoneAsync(node, job, d => d.Usage.CachedTokens = 6),
        ["more reasoning than completion"] = (node, job) => DoneAsync(node, job, d => d.Usage.ReasoningTokens = 2),
        ["no trace"] = (node, job) => DoneAsync(node, job, d => d.TraceRoot = ByteString.Empty),
        ["a date beyond all calendars"] = (node, job) => DoneAsync(node, job, d => d.FinishedUnixMs = ulong.MaxValue),
        ["cancelled where nothing was"] = (node, job) => DoneAsync(node, job, d => d.Cancelled = true),
        ["a choice left open"] = async (node, job) =>
        {
            await node.AcceptAsync(job);
            await node.EventsAsync(job, 0, Hello);
            await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [Hello]) });
        },
        ["slots without end"] = (node, _) => node.SendAsync(new NodeFrame { Status = new Status { Slots = uint.MaxValue } }),
        ["an Advertise without slots"] = (node, _) => node.AdvertiseAsync(0, ScriptedNode.EngineModel("m")),
        ["a flood of control frames"] = async (node, _) =>
        {
            for (var i = 0; i <= NodeLimits.ControlFramesPerTickMax; i++)
                await node.SendAsync(new NodeFrame { Status = new Status { Slots = 4 } });
        },
    };

    [Theory]
    [MemberData(nameof(Evil))]
    public async Task An_evil_node_is_closed_and_others_do_not_notice(string what)
    {
        await using var host = await LinkHost.StartAsync();
        var (good, goodSession) = await host.AdmitAsync(key: 2, models: "other");
        var (evil, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await using var second = session.Start(Jobs.Spec("job_2"));
        await using var elsewhere = goodSession.Start(Jobs.Spec("job_3", model: "other"));
        var job = await evil.JobAsync();

        await Scripts[what](evil, job);

        var refused = await evil.RefusedAsync(Reason.Protocol, WebSocketCloseStatus.ProtocolError);
        Assert.NotEmpty(refused.Message);
        await attempt.LostAsync(LostReason.ProtocolViolation);
        await second.LostAsync(LostReason.ProtocolViolation);
        Assert.Empty(host.Directory.Snapshot.Serving("m"));
        await good.AnswerAsync(await good.JobAsync());
        Assert.IsType<AttemptItem.Done>((await elsewhere.ReadAllAsync()).Last);
    }

    public static TheoryData<string> WrongSignatures => ["another job's", "over other words", "over another count", "of another key", "cut short", "missing"];

    [Theory]
    [MemberData(nameof(WrongSignatures))]
    public async Task A_done_whose_signature_is_wrong_is_worth_nothing(string whose)
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();
        Event[] events = [Hello, ScriptedNode.End()];
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, events);
        var done = node.Done(job, 1, events);
        done.Signature = whose switch
        {
            "another job's" => node.Done(new Job(job) { JobId = "job_9" }, 1, events).Signature,
            "over other words" => node.Done(job, 1, [ScriptedNode.Text("Hallo"), ScriptedNode.End()]).Signature,
            "over another count" => node.Done(job, 1, events, d => d.Usage.PromptTokens = 6).Signature,
            "of another key" => ByteString.CopyFrom(ScriptedNode.KeyOf(3).Sign(new byte[8])),
            "cut short" => ByteString.CopyFrom(done.Signature.Span[..63]),
            _ => ByteString.Empty,
        };

        await node.SendAsync(new NodeFrame { Done = done });

        await attempt.LostAsync(LostReason.ProtocolViolation);
        await node.RefusedAsync(Reason.Protocol, WebSocketCloseStatus.ProtocolError);
    }

    private static async Task DoneAsync(ScriptedNode node, Job job, Action<Done>? lie = null, uint frames = 1)
    {
        Event[] events = [Hello, ScriptedNode.End()];
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, events);
        await node.SendAsync(new NodeFrame { Done = node.Done(job, frames, events, lie) });
    }

    private static byte[] BadUtf8(ScriptedNode node, Job job)
    {
        var frame = new NodeFrame { SessionEpoch = node.Epoch, Accepted = new Accepted { JobId = job.JobId, Attempt = 1 } }.ToByteArray();
        frame[frame.AsSpan().IndexOf("job_"u8)] = 0xC3;
        return frame;
    }
}
