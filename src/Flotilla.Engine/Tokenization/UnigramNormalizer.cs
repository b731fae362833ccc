using System.Buffers;
using System.Text;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// Text as a unigram model sees it: characters replaced as the file's map says, spaces as U+2581, and, where the file asks for it, one before the
/// first word and none but one between words.
/// </summary>
internal sealed class UnigramNormalizer
{
    private static readonly byte[] s_space = Encoding.UTF8.GetBytes(SpmTokenizer.Space.ToString());
    private static readonly byte[] s_replacement = "\uFFFD"u8.ToArray();

    private readonly CharacterMap _map;
    private readonly ByteTrie _userDefined;
    private readonly bool _addsPrefix;
    private readonly bool _joinsSpaces;

    public UnigramNormalizer(TokenizerSource source, Vocabulary vocabulary)
    {
        _map = new CharacterMap(source.CharacterMap ?? []);
        _userDefined = vocabulary.Trie(id => vocabulary.TypeOf(id) == TokenType.UserDefined);
        _addsPrefix = source.AddSpacePrefix ?? false;
        _joinsSpaces = source.RemoveExtraSpaces ?? false;
    }

    /// <summary>The normalised text in UTF-8.</summary>
    public byte[] Normalize(ReadOnlySpan<char> text)
    {
        var input = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, input);
        var output = new List<byte>(checked(input.Length + (input.Length / 4) + 8));
        var (isInWord, hasPrefix) = (false, false);
        var rest = input.AsSpan();
        while (!rest.IsEmpty)
        {
            var part = Next(rest, out var taken);
            foreach (var value in part)
            {
                if (value == ' ')
                {
                    isInWord = false;
                    if (!_joinsSpaces)
                    {
                        output.AddRange(s_space);
                    }
                    continue;
                }
                if (!isInWord && (_joinsSpaces || (_addsPrefix && !hasPrefix)))
                {
                    output.AddRange(s_space);
                    hasPrefix = true;
                }
                isInWord = true;
                output.Add(value);
            }
            rest = rest[taken..];
        }
        return [.. output];
    }

    /// <summary>What the text's beginning, so many bytes of it, becomes.</summary>
    private ReadOnlySpan<byte> Next(ReadOnlySpan<byte> rest, out int taken)
    {
        // Whatever may become a user-defined token is left as it is, by whole characters: one of which it has only the first bytes is another one.
        taken = _userDefined.PrefixAt(rest);
        while (taken > 0 && taken < rest.Length && IsInside(rest[taken]))
        {
            taken--;
        }
        if (taken > 0)
        {
            return rest[..taken];
        }
        if (_map.TryReplace(rest, out var replacement, out taken))
        {
            return replacement;
        }
        if (Rune.DecodeFromUtf8(rest, out _, out taken) == OperationStatus.Done)
        {
            return rest[..taken];
        }
        taken = 1;
        return s_replacement;
    }

    /// <summary>Whether a character goes on with the byte.</summary>
    private static bool IsInside(byte value) => (value & 0xC0) == 0x80;
}
