using Flotilla.Engine.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Chat;

/// <summary>The characters of one sequence's tokens, as far as they are text: control tokens have none, but for tags that somebody reads.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="readsToolCalls">Whether the tags of tool calls are text.</param>
/// <param name="readsThoughts">Whether the tags of thoughts are text.</param>
internal sealed class VisibleText(ITokenizer tokenizer, bool readsToolCalls, bool readsThoughts)
{
    private readonly Utf8StreamDecoder _decoder = new();

    /// <summary>The characters that a token completes; valid until the next call.</summary>
    public ReadOnlySpan<char> Decode(int tokenId)
    {
        var bytes = tokenizer.BytesOf(tokenId).Span;
        var isTag = (readsToolCalls && ToolCallTags.Is(bytes)) || (readsThoughts && ThinkReader.IsTag(bytes));
        return _decoder.Decode(tokenizer.IsControl(tokenId) && !isTag ? [] : bytes);
    }

    /// <summary>What is left at the end.</summary>
    public ReadOnlySpan<char> Finish() => _decoder.Finish();
}
