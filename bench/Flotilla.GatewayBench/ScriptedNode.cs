using Flotilla.Testing.Nodes;

namespace Flotilla.GatewayBench;

/// <summary>A real node whose runtime says 64 words at once.</summary>
internal static class ScriptedNode
{
    private const int Slots = 256;

    public static async Task<int> RunAsync(string gateway, string token)
    {
        var runtime = new ScriptedRuntime(Workload.Model) { KeepsRuns = false, Script = Scripts.Tokens(Workload.Words, Workload.Word) };
        await using var node = TestNode.Start(new Uri(gateway), token, runtime, o => o with { Slots = Slots });
        await node.Running;
        return 0;
    }
}
