namespace Flotilla.Engine.Tests;

/// <summary>All events of a generation, and what they add up to.</summary>
internal sealed record Completion(IReadOnlyList<GenerationEvent> Events)
{
    public Finished Finished => (Finished)Events[^1];

    public string Root => Convert.ToHexString(Finished.TraceRoot);

    public string Text => string.Concat(Events.OfType<TextDelta>().Select(delta => delta.Text));

    public string Thoughts => string.Concat(Events.OfType<ReasoningDelta>().Select(delta => delta.Text));

    public IReadOnlyList<TokenOutput> Outputs =>
        [.. Events.SelectMany(next => next switch { TextDelta text => text.Tokens, ReasoningDelta thought => thought.Tokens, ToolCallDelta call => call.Tokens, _ => [] })];

    public IReadOnlyList<int> Tokens => [.. Outputs.Select(output => output.Id)];
}
