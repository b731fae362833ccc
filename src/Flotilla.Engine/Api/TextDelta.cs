namespace Flotilla.Engine;

/// <summary>
/// Text that followed. <paramref name="Text"/> is empty while a character or a possible stop text is incomplete;
/// <paramref name="Tokens"/> are those accepted since the last event, also when their text is still to come.
/// </summary>
public sealed record TextDelta(string Text, IReadOnlyList<TokenOutput> Tokens) : GenerationEvent;
