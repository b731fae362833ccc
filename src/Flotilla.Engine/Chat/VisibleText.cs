using Flotilla.Engine.Text;

namespace Flotilla.Engine.Chat;

/// <summary>The characters that one sequence's tokens add to what the model says.</summary>
internal sealed class VisibleText(VisibleTokens tokens)
{
    private readonly Utf8StreamDecoder _decoder = new();

    /// <summary>The characters that a token completes; valid until the next call.</summary>
    public ReadOnlySpan<char> Decode(int tokenId) => _decoder.Decode(tokens.BytesOf(tokenId).Span);

    /// <summary>What is left at the end.</summary>
    public ReadOnlySpan<char> Finish() => _decoder.Finish();
}
