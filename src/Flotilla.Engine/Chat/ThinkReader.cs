using System.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Chat;

/// <summary>
/// Tells what a model thinks from what it answers: <c>&lt;think&gt;…&lt;/think&gt;</c>, or Mistral's <c>[THINK]…[/THINK]</c>, at the very
/// beginning, where the vocabulary has a token for it, or without the opening tag where the prompt already wrote that. White space around
/// it is layout.
/// </summary>
internal sealed class ThinkReader
{
    private static readonly (string Open, string Close)[] s_tags = [("<think>", "</think>"), ("[THINK]", "[/THINK]")];

    private readonly StringBuilder _held = new();
    private Mode _mode;

    private ThinkReader((string Open, string Close) tags, bool isOpen) => (Open, Close, _mode) = (tags.Open, tags.Close, isOpen ? Mode.BeforeThought : Mode.Start);

    private enum Mode
    {
        Start,
        BeforeThought,
        Thought,
        BeforeAnswer,
        Answer,
    }

    /// <summary>What stands before a thought.</summary>
    public string Open { get; }

    /// <summary>What stands behind it.</summary>
    public string Close { get; }

    /// <summary>Both of them: vocabularies may have control tokens for them.</summary>
    public IEnumerable<string> Tags => [Open, Close];

    /// <summary>Whether what comes next belongs to the thought.</summary>
    public bool IsThinking => _mode is Mode.BeforeThought or Mode.Thought;

    /// <summary>A reader for an answer to this prompt; null where the model has no tag for thoughts.</summary>
    public static ThinkReader? For(ITokenizer tokenizer, ReadOnlySpan<int> prompt)
    {
        foreach (var tags in s_tags)
        {
            if (tokenizer.Encode(tags.Open, parseSpecial: true, addBos: false) is not [var tag])
                continue;
            // Templates that open the thought themselves write a line end behind the tag, or nothing.
            var last = prompt[^Math.Min(2, prompt.Length)..];
            return new ThinkReader(tags, last.Contains(tag) && !prompt.IsEmpty && IsLayout(tokenizer, prompt[^1], tag));
        }

        return null;
    }

    /// <summary>Takes more text and returns what of it is certain: thought and answer, in this order, each perhaps empty.</summary>
    public (string Thought, string Answer) Accept(string text)
    {
        var thought = "";
        _held.Append(text);
        if (_mode == Mode.Start)
            Begin();
        if (IsThinking)
            thought = Think();
        return (thought, _mode is Mode.BeforeAnswer or Mode.Answer ? Answer() : "");
    }

    /// <summary>What was held back: the model has ended.</summary>
    public (string Thought, string Answer) Finish()
    {
        var rest = _held.ToString();
        _held.Clear();
        return IsThinking ? (rest, "") : ("", _mode == Mode.BeforeAnswer ? "" : rest);
    }

    private static bool IsLayout(ITokenizer tokenizer, int last, int tag) =>
        last == tag || tokenizer.BytesOf(last).Span.TrimStart("\n "u8).IsEmpty;

    private void Begin()
    {
        var text = _held.ToString();
        var start = text.AsSpan().TrimStart();
        if (start.StartsWith(Open, StringComparison.Ordinal))
        {
            _held.Remove(0, text.Length - start.Length + Open.Length);
            _mode = Mode.BeforeThought;
        }
        else if (!Open.AsSpan().StartsWith(start, StringComparison.Ordinal) || text.Length > TextLimits.ToolCallSpaceHeldMax)
        {
            _mode = Mode.Answer;
        }
    }

    private string Think()
    {
        if (_mode == Mode.BeforeThought && !DropSpace(Mode.Thought))
            return "";
        var text = _held.ToString();
        var end = text.IndexOf(Close, StringComparison.Ordinal);
        if (end >= 0)
        {
            _held.Remove(0, end + Close.Length);
            _mode = Mode.BeforeAnswer;
            return text[..end].TrimEnd();
        }

        // The end of the text may begin the tag, or be the white space before it.
        var certain = text.Length - Enumerable.Range(1, Math.Min(Close.Length - 1, text.Length)).LastOrDefault(n => text.EndsWith(Close[..n], StringComparison.Ordinal));
        certain = text.AsSpan(0, certain).TrimEnd().Length;
        _held.Remove(0, certain);
        return text[..certain];
    }

    private string Answer()
    {
        if (_mode == Mode.BeforeAnswer && !DropSpace(Mode.Answer))
            return "";
        var text = _held.ToString();
        _held.Clear();
        return text;
    }

    /// <summary>Drops white space up to the first other character, which brings the next mode.</summary>
    private bool DropSpace(Mode next)
    {
        var text = _held.ToString();
        _held.Clear().Append(text.AsSpan().TrimStart());
        _mode = _held.Length > 0 ? next : _mode;
        return _held.Length > 0;
    }
}
