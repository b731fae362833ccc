using System.Text;
using Flotilla.Engine.Text;

namespace Flotilla.Engine.Chat;

/// <summary>
/// From token ids to what the caller sees: bytes to characters, stop strings, thoughts, tool calls, in this order. One sequence; the same
/// ids give the same pieces however the calls are spread over time.
/// </summary>
internal sealed class OutputParser
{
    private readonly VisibleText _text;
    private readonly StopMatcher _stops;
    private readonly ThinkReader? _thoughts;
    private readonly ToolCallReader? _toolCalls;
    private readonly StringBuilder _certain = new();

    /// <param name="tokens">What the model's tokens add to the answer.</param>
    /// <param name="stop">Texts that end the answer where they begin.</param>
    /// <param name="toolCalls">Tells calls of tools from text; null where all is text.</param>
    /// <param name="thoughts">Tells what the model thinks from what it answers; null where all is the answer.</param>
    public OutputParser(VisibleTokens tokens, IReadOnlyList<string> stop, ToolCallReader? toolCalls, ThinkReader? thoughts = null)
    {
        (Tokens, _toolCalls, _thoughts) = (tokens, toolCalls, thoughts);
        _text = new VisibleText(tokens);
        _stops = new StopMatcher(stop);
    }

    /// <summary>What the model's tokens add to the answer.</summary>
    public VisibleTokens Tokens { get; }

    /// <summary>Whether a stop string has ended the answer; later tokens are ignored.</summary>
    public bool IsStopped => _stops.IsStopped;

    /// <summary>The stop text that appeared; null where none did.</summary>
    public string? StopText => _stops.Found;

    /// <summary>Whether what comes next belongs to what the model thinks before it answers.</summary>
    public bool IsThinking => _thoughts?.IsThinking ?? false;

    /// <summary>Number of tool calls begun, that is, whose name was delivered.</summary>
    public int ToolCallCount => _toolCalls?.CallCount ?? 0;

    /// <summary>Takes the next token and appends the pieces that are certain by now: none, one, or several.</summary>
    /// <returns>False if a stop string has ended the answer.</returns>
    public bool Accept(int tokenId, List<OutputPiece> pieces)
    {
        _stops.Accept(_text.Decode(tokenId), _certain);
        Deliver(pieces);
        return !IsStopped;
    }

    /// <summary>Appends what was held back; to be called once, when no token follows.</summary>
    public void Finish(List<OutputPiece> pieces)
    {
        _stops.Accept(_text.Finish(), _certain);
        _stops.Finish(_certain);
        Deliver(pieces);
        if (_thoughts?.Finish() is { } rest)
            Deliver(rest, pieces);
        _toolCalls?.Finish(pieces);
    }

    private void Deliver(List<OutputPiece> pieces)
    {
        if (_certain.Length == 0)
        {
            return;
        }
        var text = _certain.ToString();
        _certain.Clear();
        Deliver(_thoughts?.Accept(text) ?? ("", text), pieces);
    }

    private void Deliver((string Thought, string Answer) text, List<OutputPiece> pieces)
    {
        if (text.Thought.Length > 0)
        {
            pieces.Add(new OutputPiece(OutputPiece.Thought, null, text.Thought));
        }
        if (text.Answer.Length == 0)
        {
            return;
        }
        if (_toolCalls is null)
        {
            pieces.Add(new OutputPiece(OutputPiece.Answer, null, text.Answer));
        }
        else
        {
            _toolCalls.Accept(text.Answer, pieces);
        }
    }
}
