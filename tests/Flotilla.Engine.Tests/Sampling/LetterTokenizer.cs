using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Tests.Sampling;

/// <summary>Eight tokens, a to h.</summary>
internal sealed class LetterTokenizer : ITokenizer
{
    public int VocabularySize => 8;

    public int TokenCharsMax => 16;

    public int? BosId => null;

    public int EosId => 7;

    public bool AddsBos => false;

    public bool IsEndOfGeneration(int id) => id == EosId;

    public bool IsControl(int id) => id == EosId;

    public int[] Encode(string text, bool parseSpecial, bool addBos) => [.. text.Select(letter => letter - 'a')];

    public int[] EncodePrompt(string text, ReadOnlySpan<bool> foreign, bool addBos) => Encode(text, parseSpecial: true, addBos);

    public ReadOnlyMemory<byte> BytesOf(int id) => new[] { (byte)('a' + id) };
}
