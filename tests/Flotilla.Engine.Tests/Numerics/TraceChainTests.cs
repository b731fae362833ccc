using System.Security.Cryptography;
using System.Text;
using Flotilla.Engine.Numerics;
using Xunit;

namespace Flotilla.Engine.Tests.Numerics;

public sealed class TraceChainTests
{
    private const string Digest = "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff";

    /// <summary>Put together by hand from docs/numerics.md.</summary>
    [Fact]
    public void Root_is_the_documented_layout()
    {
        var chain = new TraceChain("id", Digest, [7, -1], 2);
        byte[] start = [.. Encoding.UTF8.GetBytes("id"), 0, .. Convert.FromHexString(Digest), 2, 0, 0, 0, 7, 0, 0, 0, 255, 255, 255, 255];
        var root = SHA256.HashData(start);
        Assert.Equal(root, chain.Root);

        chain.Append(2, 258, [1f, -2f]);
        Assert.Equal(SHA256.HashData([.. root, 2, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]), chain.Root);
    }

    [Fact]
    public void Root_depends_on_everything()
    {
        HashSet<string> roots =
        [
            Root("id", [1], 1, 2, 3), Root("di", [1], 1, 2, 3), Root("id", [2], 1, 2, 3), Root("id", [1], 2, 2, 3),
            Root("id", [1], 1, 3, 3), Root("id", [1], 1, 2, -3),
        ];
        Assert.Equal(6, roots.Count);
    }

    private static string Root(string id, int[] prompt, int position, int token, float hidden)
    {
        var chain = new TraceChain(id, Digest, prompt, 1);
        chain.Append(position, token, [hidden]);
        return Convert.ToHexString(chain.Root);
    }
}
