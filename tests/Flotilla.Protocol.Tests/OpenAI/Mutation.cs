using System.Text;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Small damage to JSON texts, the same for the same seed.</summary>
internal static class Mutation
{
    // Bytes that mean something to a JSON parser: changes to these get further than random ones.
    private static readonly byte[] Interesting = [.. "{}[]\":,\\u0-+.eE \n\0dD8"u8, 0x80, 0xC0, 0xED, 0xF4, 0xFF];

    /// <summary>The text with one to three changes.</summary>
    public static byte[] Of(byte[] text, Random random)
    {
        var bytes = text.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = Interesting[random.Next(Interesting.Length)]; break;
                case 2: bytes.Insert(at, Interesting[random.Next(Interesting.Length)]); break;
                case 3: bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at - 1)); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at))); break;
                case 5: bytes.InsertRange(at, Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "9999999999999999999999" : "\\ud800")); break;
            }
        }

        return [.. bytes];
    }
}
