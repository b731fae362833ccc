using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Work;

/// <summary>A job whose client waits for the whole answer: events are joined, and nothing else about the job changes.</summary>
public sealed class GatherTests
{
    [Fact]
    public async Task A_gathering_job_sends_its_text_as_one_event()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job();
        job.Gather = true;
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var answer = await scene.ReadAnswerAsync();

        var text = Assert.Single(answer.Events.SelectMany(f => f.Events.Events), e => e.BodyCase == Event.BodyOneofCase.Text);
        Assert.Equal("Hello, world!", text.Text.Text_);
        Assert.Equal(4u, text.TokenCount);
        Assert.Equal(4u, answer.Done!.Usage.CompletionTokens);
        scene.AssertSigned(job, answer);
    }

    [Fact]
    public async Task Text_reasoning_and_calls_are_not_mixed()
    {
        await using var scene = await Scene.StartAsync();
        Event[] events =
        [
            new() { TokenCount = 1, Reasoning = new Text { Text_ = "hm" } },
            new() { TokenCount = 1, Reasoning = new Text { Text_ = "m" } },
            new() { TokenCount = 1, Text = new Text { Text_ = "a" } },
            new() { TokenCount = 1, ToolCall = new ToolCallDelta { Index = 0, Name = "f", Arguments = "{" } },
            new() { TokenCount = 1, ToolCall = new ToolCallDelta { Index = 0, Arguments = "}" } },
            new() { TokenCount = 1, ToolCall = new ToolCallDelta { Index = 1, Name = "f", Arguments = "{}" } },
            new() { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.ToolCalls } },
        ];
        scene.Runtime.Script = Scripts.Events(new Usage { CompletionTokens = 6 }, events);
        var job = Jobs.Job(request: Jobs.ChatWithTool());
        job.Gather = true;
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var answer = await scene.ReadAnswerAsync();

        var sent = answer.Events.SelectMany(f => f.Events.Events).ToList();
        Assert.Equal(5, sent.Count);
        Assert.Equal(("hmm", 2u), (sent[0].Reasoning.Text_, sent[0].TokenCount));
        Assert.Equal("a", sent[1].Text.Text_);
        Assert.Equal(("f", "{}"), (sent[2].ToolCall.Name, sent[2].ToolCall.Arguments));
        Assert.Equal(1u, sent[3].ToolCall.Index);
        scene.AssertSigned(job, answer);
    }
}
