using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class TranscriptAnswerReaderTests
{
    private const int CharsMax = 1000;

    [Theory]
    [InlineData("""{"text":"a b","duration":12.25}""", "0-12250 a b", 12.25)]
    [InlineData("""{"text":"a b","duration":"12.25"}""", "0-12250 a b", 12.25)]
    [InlineData("""{"text":"a b","usage":{"type":"duration","seconds":3}}""", "0-3000 a b", 3)]
    [InlineData("""{"text":"a b","duration":-1,"usage":7}""", "0-0 a b", 0)]
    [InlineData("""{"text":"a b","duration":1e999}""", "0-0 a b", 0)]
    [InlineData("""{"text":"a b","segments":null}""", "0-0 a b", 0)]
    [InlineData("""{"text":"a b","segments":[{"start":0.5,"end":1,"text":"a"},{"end":2,"text":"b"}]}""", "500-1000 a|1000-2000 b", 2)]
    [InlineData("""{"text":"a b","segments":[{"start":5,"end":1,"text":"a"},7,{"text":9}]}""", "5000-5000 a", 5)]
    [InlineData("""{"text":"a","segments":[{"start":0,"end":9e12,"text":"a"}]}""", "0-4294967295 a", 4294967.295)]
    [InlineData("""{"text":""}""", "", 0)]
    public void Read_OddButWhole_IsTaken(string body, string segments, double seconds)
    {
        var (read, told) = Read(body);
        Assert.Equal(segments, string.Join('|', read.Select(s => $"{s.StartMs}-{s.EndMs} {s.Text}")));
        Assert.Equal(seconds, told);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"text":null}""")]
    [InlineData("""{"text":"\ud800"}""")]
    public void Read_WhatIsNone_IsRefused(string body) => Assert.Throws<InvalidDataException>(() => Read(body));

    [Fact]
    public void Read_WordsBesideOrWithinSegments_BelongToTheirSegment()
    {
        const string Segments = """{"start":0,"end":1,"text":"a"},{"start":1,"end":2,"text":"b c"}""";
        const string Words = """{"word":" a ","start":0.2,"end":0.9},{"word":"b","start":1,"end":1.4},{"text":"c","start":1.4},{"word":""},3""";
        var (beside, _) = Read($$"""{"text":"a b c","segments":[{{Segments}}],"words":[{{Words}}]}""");
        Assert.Equal(["a:200-900", "|", "b:1000-1400", "c:1400-1400"], beside.SelectMany((s, i) => s.Words.Select(Show).Prepend(i == 0 ? "" : "|")).Where(w => w.Length > 0));
        var (within, _) = Read("""{"text":"a","segments":[{"start":1,"end":2,"text":"a","words":[{"word":"a","start":1.5,"end":1.7}]}]}""");
        Assert.Equal("a:1500-1700", Show(Assert.Single(Assert.Single(within).Words)));
    }

    [Fact]
    public void Read_ALongText_ComesInPiecesThatBreakBetweenWords()
    {
        var text = string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"word{i}"));
        var (segments, _) = Read($$"""{"text":"{{text}}","duration":100}""");
        Assert.All(segments, s => Assert.InRange(s.Text.Length, 1, CharsMax));
        Assert.Equal(text, string.Concat(segments.Select(s => s.Text)));
        Assert.All(segments.Skip(1), s => Assert.StartsWith(" word", s.Text, StringComparison.Ordinal));
        Assert.Equal(0u, segments[0].StartMs);
        Assert.InRange(segments[^1].EndMs, 99_990u, 100_000u);
        Assert.All(segments.Zip(segments.Skip(1)), p => Assert.True(p.First.EndMs <= p.Second.StartMs && p.First.StartMs < p.First.EndMs));
    }

    [Fact]
    public void Read_ATextWithoutBlanks_IsNotCutInsideACharacter()
    {
        var text = "x" + string.Concat(Enumerable.Repeat("😀", CharsMax));
        var (segments, _) = Read($$"""{"text":"{{text}}"}""");
        Assert.Equal(text, string.Concat(segments.Select(s => s.Text)));
        Assert.All(segments, s => Assert.False(char.IsLowSurrogate(s.Text[0])));
    }

    [Fact]
    public void Read_ASegmentOfTooManyWords_ComesInPieces()
    {
        var words = Enumerable.Range(0, 1000).Select(i => $$"""{"word":"w{{i}}","start":{{i}},"end":{{i + 1}}}""");
        var (segments, _) = Read($$"""{"text":"all","segments":[{"start":0,"end":1000,"text":"all"}],"words":[{{string.Join(',', words)}}]}""");
        Assert.All(segments, s => Assert.InRange(s.Words.Count, 1, LinkLimits.SegmentWordsMax));
        Assert.Equal(1000, segments.Sum(s => s.Words.Count));
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"w{i}")), string.Join(' ', segments.Select(s => s.Text)));
        Assert.Equal((0u, 1_000_000u), (segments[0].StartMs, segments[^1].EndMs));
    }

    private static string Show(Word word) => $"{word.Text}:{word.StartMs}-{word.EndMs}";

    private static (IReadOnlyList<Segment> Segments, double Seconds) Read(string body) => TranscriptAnswerReader.Read(Encoding.UTF8.GetBytes(body), CharsMax);
}
