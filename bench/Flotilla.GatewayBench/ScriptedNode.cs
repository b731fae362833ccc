using Flotilla.Testing.Nodes;

namespace Flotilla.GatewayBench;

/// <summary>A real node whose runtime says some words at once.</summary>
internal static class ScriptedNode
{
    private const int Slots = 256;

    public static async Task<int> RunAsync(string gateway, string token, int words)
    {
        var runtime = new ScriptedRuntime(Workload.Model) { KeepsRuns = false, Script = Scripts.Tokens(words, Workload.Word) };
        await using var node = TestNode.Start(new Uri(gateway), token, runtime, o => o with { Slots = Slots });
        await node.Running;
        return 0;
    }
}
