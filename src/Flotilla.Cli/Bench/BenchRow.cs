using System.Text.Json.Nodes;

namespace Flotilla.Cli.Bench;

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured; with its unit, where that is not tokens per second.</param>
/// <param name="Ours">The built-in engine's value, or the machine's.</param>
/// <param name="Theirs">The other engine's, where it was measured too.</param>
/// <param name="IsSpeed">Whether more is better, so that a ratio says how far one is ahead.</param>
internal sealed record BenchRow(string Name, double Ours, double? Theirs = null, bool IsSpeed = false)
{
    /// <summary>The line as programs read it.</summary>
    public JsonObject ToJson() => new()
    {
        ["measurement"] = Name,
        ["flotilla"] = Math.Round(Ours, 1),
        ["llama_cpp"] = Theirs is { } theirs ? Math.Round(theirs, 1) : null,
        ["ratio"] = IsSpeed && Theirs is { } other ? Math.Round(Ours / other, 2) : null,
    };
}
