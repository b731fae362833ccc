using System.Security.Cryptography;
using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.Receipts;

public sealed class OutputDigestTests
{
    private static readonly byte[] Salt = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Commit_OneText_IsTheDocumentedHash()
    {
        var choice = SHA256.HashData([0xFF, 1, 0, 0, 0, .. "Hello"u8]);
        Assert.Equal(SHA256.HashData([.. Salt, .. choice]), Commit(Text("Hello")));
    }

    [Fact]
    public void Commit_EveryKind_IsMarkedAsDocumented()
    {
        byte[] first = [0xFF, 2, 0, 0, 0, .. "r"u8, 0xFF, 1, 0, 0, 0, .. "t"u8, 0xFF, 3, 0x02, 0x01, 0, .. "f"u8, 0xFF, 4, 0x02, 0x01, 0, .. "{}"u8];
        byte[] second = [0xFF, 1, 0, 0, 0, .. "é"u8];
        Assert.Equal(
            SHA256.HashData([.. Salt, .. SHA256.HashData(first), .. SHA256.HashData(second)]),
            Commit(Reasoning("r"), Text("t"), Call(0x102, "f", "{}"), Text("é", choice: 1)));
    }

    [Fact]
    public void Commit_HoweverTheOutputIsCut_IsTheSame()
    {
        const string Long = "The quick brown fox — 😀 — jumps over the lazy dog. ";
        var whole = string.Concat(Enumerable.Repeat(Long, 40));
        Event[] uncut = [Reasoning("why"), Text(whole), Call(0, "tool", whole), Text(whole, choice: 1), Done(), Done(choice: 1)];
        var expected = Commit(uncut);
        var random = new Random(8785);
        for (var round = 0; round < 50; round++)
            Assert.Equal(expected, Commit([.. Interleave(random, uncut.Where(e => e.Choice == 0).SelectMany(e => Cut(e, random)), uncut.Where(e => e.Choice == 1).SelectMany(e => Cut(e, random)))]));
    }

    [Fact]
    public void Commit_DifferentOutputs_AllDiffer()
    {
        Event[][] outputs =
        [
            [], [Text("a")], [Text("b")], [Text("a"), Text("a")], [Reasoning("a")], [Text("a", choice: 1)], [Text("a"), Text("b", choice: 1)], [Text("ab")],
            [Call(0, "a", "")], [Call(0, "", "a")], [Call(1, "a", "")], [Call(0, "a", "b")], [Call(0, "ab", "")], [Text("a"), Reasoning("b")], [Reasoning("a"), Text("b")],
            [Call(0, "f", "x"), Call(1, "f", "x")], [Call(0, "f", "xfx")], [Text("a"), Call(0, "f", ""), Text("a")],
        ];
        Assert.Equal(outputs.Length, outputs.Select(o => Convert.ToHexString(Commit(o))).Distinct().Count());
    }

    [Fact]
    public void Commit_OnTheWay_DoesNotDisturbWhatFollows()
    {
        using var digest = new OutputDigest();
        digest.Append(Text("a"));
        var early = digest.Commit(Salt);
        digest.Append(Text("b"));
        Assert.Equal(Commit(Text("a")), early);
        Assert.Equal(Commit(Text("ab")), digest.Commit(Salt));
    }

    [Fact]
    public void Commit_OtherSalt_Differs()
    {
        using var digest = new OutputDigest();
        Assert.NotEqual(digest.Commit(Salt), digest.Commit(new byte[32]));
    }

    [Fact]
    public void CommitmentsOf_SaltAndBytes_IsTheirHash() =>
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. Salt, .. "request"u8])), Commitments.Of(Salt, Encoding.UTF8.GetBytes("request")));

    private static byte[] Commit(params Event[] events)
    {
        using var digest = new OutputDigest();
        foreach (var item in events)
            digest.Append(item);
        return digest.Commit(Salt);
    }

    private static IEnumerable<Event> Cut(Event item, Random random)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text: return Pieces(item.Text.Text_, random).Select(p => Text(p, item.Choice));
            case Event.BodyOneofCase.Reasoning: return Pieces(item.Reasoning.Text_, random).Select(Reasoning);
            case Event.BodyOneofCase.ToolCall:
                return Pieces(item.ToolCall.Arguments, random).Select((p, i) => Call(item.ToolCall.Index, i == 0 ? item.ToolCall.Name : "", p));
            default: return [item];
        }
    }

    private static List<string> Pieces(string text, Random random)
    {
        var runes = text.EnumerateRunes().Select(r => r.ToString()).ToList();
        var pieces = new List<string> { "" };
        for (var at = 0; at < runes.Count;)
        {
            var length = Math.Min(random.Next(0, 30), runes.Count - at);
            pieces.Add(string.Concat(runes.Skip(at).Take(length)));
            at += length;
        }

        // The name of a call comes with its first piece.
        pieces.RemoveAt(0);
        return pieces;
    }

    private static IEnumerable<Event> Interleave(Random random, IEnumerable<Event> left, IEnumerable<Event> right)
    {
        var a = new Queue<Event>(left);
        var b = new Queue<Event>(right);
        while (a.Count + b.Count > 0)
            yield return b.Count == 0 || (a.Count > 0 && random.Next(2) == 0) ? a.Dequeue() : b.Dequeue();
    }
}
