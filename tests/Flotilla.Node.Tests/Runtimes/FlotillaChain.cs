using Flotilla.Node.Runtimes;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>One Flotilla that serves what another one runs: gateway → node → upstream → gateway → node → script.</summary>
internal sealed record FlotillaChain(SecondFlotilla Front, TestNode FrontNode, UpstreamRuntime Upstream, SecondFlotilla Back, TestNode BackNode, ScriptedRuntime Script) : IAsyncDisposable
{
    /// <summary>Starts both; every model of the script has passed both gateways' tests by then.</summary>
    public static async Task<FlotillaChain> StartAsync(ScriptedRuntime script, CancellationToken ct)
    {
        var back = await SecondFlotilla.StartAsync();
        var backNode = await TestNode.StartAdmittedAsync(back.Origin, await back.JoinTokenAsync(), script, ct);
        var front = await SecondFlotilla.StartAsync();
        var upstream = new UpstreamRuntime(new UpstreamOptions { BaseUrl = back.BaseUrl, ApiKey = back.Key });
        var frontNode = TestNode.Start(front.Origin, await front.JoinTokenAsync(), upstream);
        foreach (var model in script.State.Models)
            await frontNode.WhenAdmittedAsync(model.Name, ct);
        script.ForgetRuns();
        return new FlotillaChain(front, frontNode, upstream, back, backNode, script);
    }

    public async ValueTask DisposeAsync()
    {
        await FrontNode.DisposeAsync();
        Upstream.Dispose();
        await BackNode.DisposeAsync();
        await Front.DisposeAsync();
        await Back.DisposeAsync();
    }
}
