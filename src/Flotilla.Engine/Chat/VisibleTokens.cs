using System.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Chat;

/// <summary>
/// The bytes that tokens add to what a model says. Control tokens add none, but for tags that are read as text; whether a vocabulary
/// calls those control tokens differs. What a form lets through and what is read go by the same.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="tags">The tags that are read.</param>
internal sealed class VisibleTokens(ITokenizer tokenizer, IEnumerable<string> tags)
{
    private readonly byte[][] _tags = [.. tags.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The tokenizer whose tokens these are.</summary>
    public ITokenizer Tokenizer => tokenizer;

    /// <summary>The bytes that a token adds; empty where it adds none.</summary>
    public ReadOnlyMemory<byte> BytesOf(int id) => !tokenizer.IsControl(id) || IsTag(id) ? tokenizer.BytesOf(id) : ReadOnlyMemory<byte>.Empty;

    private bool IsTag(int id)
    {
        var bytes = tokenizer.BytesOf(id).Span;
        foreach (var tag in _tags)
        {
            if (bytes.SequenceEqual(tag))
                return true;
        }

        return false;
    }
}
