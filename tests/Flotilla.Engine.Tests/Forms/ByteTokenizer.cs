using System.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>A token for every byte, and behind them control tokens, one of which ends generation.</summary>
internal sealed class ByteTokenizer(params string[] controls) : ITokenizer
{
    /// <summary>The name of the token that ends generation.</summary>
    public const string End = "<end>";

    public int VocabularySize => 256 + controls.Length;

    public int TokenCharsMax => 16;

    public int? BosId => null;

    public int EosId => 256 + Array.IndexOf(controls, End);

    public bool AddsBos => false;

    public bool IsEndOfGeneration(int id) => id == EosId;

    public bool IsControl(int id) => id >= 256;

    public int[] Encode(string text, bool parseSpecial, bool addBos) =>
        parseSpecial && Array.IndexOf(controls, text) is >= 0 and var control ? [256 + control] : [.. Encoding.UTF8.GetBytes(text)];

    public int[] EncodePrompt(string text, ReadOnlySpan<bool> foreign, bool addBos) => Encode(text, parseSpecial: true, addBos);

    public ReadOnlyMemory<byte> BytesOf(int id) => id < 256 ? new[] { (byte)id } : Encoding.UTF8.GetBytes(controls[id - 256]);
}
