namespace Flotilla.Engine.Tokenization;

/// <summary>Text to token ids and back, as the model was trained. Safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids; every id is in [0, VocabularySize).</summary>
    int VocabularySize { get; }

    /// <summary>UTF-16 length of the longest token's text; where a vocabulary holds bytes, their number.</summary>
    int TokenCharsMax { get; }

    /// <summary>The begin-of-sequence id, or null if the vocabulary has none.</summary>
    int? BosId { get; }

    /// <summary>The end-of-sequence id.</summary>
    int EosId { get; }

    /// <summary>Whether the model was trained with <see cref="BosId"/> before plain text. Never true without a <see cref="BosId"/>.</summary>
    bool AddsBos { get; }

    /// <summary>Whether generation ends when the model emits this id (end of sequence, turn or message).</summary>
    bool IsEndOfGeneration(int id);

    /// <summary>Whether the id is markup that is not part of the text (it renders as nothing).</summary>
    bool IsControl(int id);

    /// <summary>
    /// Encodes text. Lone surrogates are encoded as U+FFFD; nothing in <paramref name="text"/> makes it throw.
    /// Time is O(n log n) in the text's length, whatever it contains.
    /// </summary>
    /// <param name="text">Any string.</param>
    /// <param name="parseSpecial">Whether the text of control tokens (<c>&lt;|im_end|&gt;</c>) becomes these tokens: true for
    /// a template's own text, false for text from elsewhere. User-defined tokens are recognised either way.</param>
    /// <param name="addBos">Whether <see cref="BosId"/> goes first, if there is one.</param>
    int[] Encode(string text, bool parseSpecial, bool addBos);

    /// <summary>Encodes a prompt that a template has rendered around texts from elsewhere.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="foreign">Of each character, whether it comes from elsewhere: no control token is made of such a one, also not in part. User-defined tokens are recognised either way.</param>
    /// <param name="addBos">As in <see cref="Encode"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="foreign"/> has another length than the text.</exception>
    int[] EncodePrompt(string text, ReadOnlySpan<bool> foreign, bool addBos);

    /// <summary>A whole text, to be read and not to be continued: with the tokens before and behind it that the model was trained with.</summary>
    int[] EncodeWhole(string text) => Encode(text, parseSpecial: false, AddsBos);

    /// <summary>A query and a document, to be judged together, with the tokens before, between and behind them that the model was trained with.</summary>
    /// <returns>The ids, and the place where the document's begin.</returns>
    (int[] Ids, int Second) EncodePair(string query, string document)
    {
        var first = EncodeWhole(query);
        return ([.. first, .. Encode(document, parseSpecial: false, addBos: false)], first.Length);
    }

    /// <summary>The bytes that a token stands for; for a control token, the UTF-8 of its name. Bytes of one character may be
    /// spread over several tokens.</summary>
    ReadOnlyMemory<byte> BytesOf(int id);
}
