namespace Flotilla.Engine;

/// <summary>
/// A piece of a tool call: <paramref name="Name"/> stands in the first delta of an <paramref name="Index"/> only,
/// <paramref name="Arguments"/> is a fragment of JSON text, to be appended to the fragments before it.
/// </summary>
public sealed record ToolCallDelta(int Index, string? Name, string Arguments, IReadOnlyList<TokenOutput> Tokens) : GenerationEvent;
