using System.Collections;
using System.Text;

namespace Flotilla.Engine.Gguf;

/// <summary>
/// An array of strings kept as the bytes of the file: a vocabulary of short strings as .NET objects would take several
/// times the file's size, and a file must not be able to claim that before it has been checked.
/// </summary>
internal sealed class GgufStrings(string key, byte[] bytes, int[] ends) : IReadOnlyList<string>
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public int Count => ends.Length;

    public string this[int index]
    {
        get
        {
            var utf8 = Utf8(index);
            try
            {
                return s_strict.GetString(utf8);
            }
            catch (DecoderFallbackException)
            {
                throw new GgufException(GgufError.BadText, $"Element {index} of {key} is not UTF-8.");
            }
        }
    }

    /// <summary>The bytes of one string.</summary>
    public ReadOnlySpan<byte> Utf8(int index)
    {
        var start = index == 0 ? 0 : ends[index - 1];
        return bytes.AsSpan(start, ends[index] - start);
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
