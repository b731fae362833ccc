using System.Globalization;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Work;

/// <summary>A node that is connected to a scripted gateway.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly ScriptedGateway _gateway;

    private Scene(ScriptedGateway gateway, TestNode node, ScriptedRuntime runtime, GatewaySocket socket)
    {
        _gateway = gateway;
        Node = node;
        Runtime = runtime;
        Socket = socket;
    }

    public TestNode Node { get; }

    public ScriptedRuntime Runtime { get; }

    public GatewaySocket Socket { get; }

    public static async Task<Scene> StartAsync(int slots = 64, TimeProvider? time = null, TimeSpan? drainLimit = null)
    {
        var gateway = await ScriptedGateway.StartAsync();
        var runtime = new ScriptedRuntime(Jobs.Model);
        var node = TestNode.Start(gateway.Address, null, runtime, o => o with { Slots = slots, DrainLimit = drainLimit ?? o.DrainLimit }, time);
        var socket = await gateway.WelcomeAsync();
        await node.WhenAsync(GatewayState.Connected, TestContext.Current.CancellationToken);
        return new Scene(gateway, node, runtime, socket);
    }

    /// <summary>Reads frames until the condition holds for the given number of them; the last of these.</summary>
    public async Task<NodeFrame> ReadUntilAsync(Func<NodeFrame, bool> condition, int times = 1)
    {
        while (true)
        {
            var frame = await Socket.ReadAsync() ?? throw new InvalidOperationException("The node closed the link.");
            if (condition(frame) && --times == 0)
                return frame;
        }
    }

    /// <summary>Reads one job's frames to its end, and checks their numbers.</summary>
    public async Task<Answer> ReadAnswerAsync()
    {
        var frames = new List<NodeFrame>();
        await ReadUntilAsync(f =>
        {
            frames.Add(f);
            return f.BodyCase is NodeFrame.BodyOneofCase.Done or NodeFrame.BodyOneofCase.Failed or NodeFrame.BodyOneofCase.Rejected;
        });
        var answer = new Answer(frames);
        Assert.Equal(Enumerable.Range(0, answer.Events.Count()).Select(i => (uint)i), answer.Events.Select(f => f.Events.Sequence));
        return answer;
    }

    /// <summary>Checks the signature as a gateway does: from what it knows itself.</summary>
    public void AssertSigned(Job job, Answer answer)
    {
        using var digest = new OutputDigest();
        foreach (var item in answer.Events.SelectMany(f => f.Events.Events))
            digest.Append(item);
        var done = answer.Done!;
        var statement = new WorkStatement
        {
            JobId = job.JobId,
            Attempt = job.Attempt,
            NodeId = Node.Id.Value,
            Model = job.Model,
            ModelDigest = "",
            NumericsId = "",
            InputCommit = Commitments.Of(job.Salt.Span, job.Request.Span),
            OutputCommit = Convert.ToHexStringLower(digest.Commit(job.Salt.Span)),
            Seed = job.Seed.ToString(CultureInfo.InvariantCulture),
            TraceRoot = Convert.ToHexStringLower(done.TraceRoot.Span),
            PromptTokens = done.Usage.PromptTokens,
            CachedTokens = done.Usage.CachedTokens,
            CompletionTokens = done.Usage.CompletionTokens,
            FinishedUnixMs = (long)done.FinishedUnixMs,
            Cancelled = done.Cancelled,
        };
        Assert.True(statement.Verify(Socket.Hello.PublicKey.Span, done.Signature.Span));
        Assert.False((statement with { CompletionTokens = statement.CompletionTokens + 1 }).Verify(Socket.Hello.PublicKey.Span, done.Signature.Span));
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _gateway.DisposeAsync();
    }
}
