using System.Text;
using Flotilla.Engine.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Chat;

/// <summary>
/// From token ids to what the caller sees: bytes to characters, stop strings, tool calls, in this order. One sequence; the same
/// ids give the same pieces however the calls are spread over time.
/// </summary>
internal sealed class OutputParser
{
    private readonly ITokenizer _tokenizer;
    private readonly Utf8StreamDecoder _decoder = new();
    private readonly StopMatcher _stops;
    private readonly ToolCallReader? _toolCalls;
    private readonly StringBuilder _certain = new();

    /// <param name="tokenizer">The model's.</param>
    /// <param name="stop">Texts that end the answer where they begin.</param>
    /// <param name="readToolCalls">Whether <c>&lt;tool_call&gt;</c> is read as a call; if not, it is text.</param>
    public OutputParser(ITokenizer tokenizer, IReadOnlyList<string> stop, bool readToolCalls)
    {
        _tokenizer = tokenizer;
        _stops = new StopMatcher(stop);
        _toolCalls = readToolCalls ? new ToolCallReader() : null;
    }

    /// <summary>Whether a stop string has ended the answer; later tokens are ignored.</summary>
    public bool IsStopped => _stops.IsStopped;

    /// <summary>Number of tool calls begun, that is, whose name was delivered.</summary>
    public int ToolCallCount => _toolCalls?.CallCount ?? 0;

    /// <summary>Takes the next token and appends the pieces that are certain by now: none, one, or several.</summary>
    /// <returns>False if a stop string has ended the answer.</returns>
    public bool Accept(int tokenId, List<OutputPiece> pieces)
    {
        _stops.Accept(_decoder.Decode(VisibleBytes(tokenId)), _certain);
        Deliver(pieces);
        return !IsStopped;
    }

    /// <summary>Appends what was held back; to be called once, when no token follows.</summary>
    public void Finish(List<OutputPiece> pieces)
    {
        _stops.Accept(_decoder.Finish(), _certain);
        _stops.Finish(_certain);
        Deliver(pieces);
        _toolCalls?.Finish(pieces);
    }

    private ReadOnlySpan<byte> VisibleBytes(int tokenId)
    {
        var bytes = _tokenizer.BytesOf(tokenId).Span;
        var isTag = _toolCalls is not null && ToolCallTags.Is(bytes);
        return _tokenizer.IsControl(tokenId) && !isTag ? [] : bytes;
    }

    private void Deliver(List<OutputPiece> pieces)
    {
        if (_certain.Length == 0)
        {
            return;
        }
        var text = _certain.ToString();
        _certain.Clear();
        if (_toolCalls is null)
        {
            pieces.Add(new OutputPiece(-1, null, text));
        }
        else
        {
            _toolCalls.Accept(text, pieces);
        }
    }
}
