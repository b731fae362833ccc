using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Counts where in a completion's text its tokens stand, in characters (code points); an echoed prompt comes first.</summary>
/// <param name="echoed">The prompt; null where the text begins with the completion.</param>
internal sealed class TextPlaces(string? echoed)
{
    private readonly byte[] _prompt = Encoding.UTF8.GetBytes(echoed ?? "");
    private int _read;
    private long _characters;

    /// <summary>The prompt is over, whatever its tokens were.</summary>
    public void EndPrompt()
    {
        _characters += CharactersBegun(_prompt.AsSpan(_read));
        _read = _prompt.Length;
    }

    /// <summary>The place of the next token.</summary>
    public long Next(TokenOutput token)
    {
        var place = _characters;
        var bytes = token.Bytes.Span;
        if (_read < _prompt.Length)
        {
            // A token for the beginning, or the space that some vocabularies put before a text, is no part of it.
            var rest = _prompt.AsSpan(_read);
            bytes = rest.StartsWith(bytes) ? bytes : bytes is [(byte)' ', ..] && rest.StartsWith(bytes[1..]) ? bytes[1..] : [];
            _read += bytes.Length;
        }

        _characters += CharactersBegun(bytes);
        return place;
    }

    private static int CharactersBegun(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        return count;
    }
}
