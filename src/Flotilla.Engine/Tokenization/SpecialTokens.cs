using System.Buffers;

namespace Flotilla.Engine.Tokenization;

/// <summary>Finds tokens that are matched as whole texts before anything else: the leftmost, and there the longest.</summary>
internal sealed class SpecialTokens
{
    private readonly SearchValues<string> _texts;
    private readonly Dictionary<string, (int Id, bool IsControl)> _ids;
    private readonly int[] _lengthsDescending;

    private SpecialTokens(Dictionary<string, (int Id, bool IsControl)> ids)
    {
        _ids = ids;
        _texts = SearchValues.Create(ids.Keys.ToArray(), StringComparison.Ordinal);
        _lengthsDescending = ids.Keys.Select(text => text.Length).Distinct().OrderDescending().ToArray();
    }

    /// <summary>The tokens of these kinds, or null if there are none.</summary>
    public static SpecialTokens? Of(Vocabulary vocabulary, params ReadOnlySpan<TokenType> types)
    {
        var ids = new Dictionary<string, (int Id, bool IsControl)>(StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Count; id++)
        {
            var text = vocabulary.Texts[id];
            if (text.Length == 0 || !types.Contains(vocabulary.TypeOf(id)))
            {
                continue;
            }
            if (text.Length > TextLimits.SpecialTokenCharsMax)
            {
                throw new TokenizerException(
                    TokenizerError.LimitExceeded,
                    $"tokenizer.ggml.tokens[{id}], a special token, has {text.Length} characters; at most {TextLimits.SpecialTokenCharsMax} are allowed.");
            }
            ids.Add(text, (id, vocabulary.TypeOf(id) != TokenType.UserDefined));
        }
        return ids.Count == 0 ? null : new SpecialTokens(ids);
    }

    /// <summary>The first special token in <paramref name="text"/>: where it begins (-1 if there is none), its length and its id.</summary>
    /// <param name="text">The text.</param>
    /// <param name="foreign">Of each character, whether no control token may be made of it; empty: of all may.</param>
    public (int Start, int Length, int Id) FindFirst(ReadOnlySpan<char> text, ReadOnlySpan<bool> foreign)
    {
        var lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var from = 0; text[from..].IndexOfAny(_texts) is >= 0 and var found; from++)
        {
            from += found;
            var rest = text[from..];
            foreach (var length in _lengthsDescending)
            {
                if (length <= rest.Length && lookup.TryGetValue(rest[..length], out var token)
                    && !(token.IsControl && !foreign.IsEmpty && foreign.Slice(from, length).Contains(true)))
                {
                    return (from, length, token.Id);
                }
            }
        }
        return (-1, 0, 0);
    }
}
