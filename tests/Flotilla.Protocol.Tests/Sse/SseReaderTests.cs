using System.Text;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.Tests.Sse;

public sealed class SseReaderTests
{
    private const int Limit = 1000;

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a", "b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "a", "b")]
    [InlineData("data: a\r\rdata: b\r\r", "a", "b")]
    [InlineData("data: a\r\n\ndata: b\n\r", "a", "b")]
    [InlineData("data:a\n\ndata:  b\n\n", "a", " b")]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData("data\n\ndata:\n\ndata: x\n\n", "", "", "x")]
    [InlineData(": ping\n\nevent: e\nid: 1\nretry: 5\ndata: a\n\n: bye\n\n", "a")]
    [InlineData("\n\n\ndata: a\n\n\n\n", "a")]
    [InlineData("database: x\n\ndata : y\n\ndata: a\n\n", "a")]
    [InlineData("\uFEFFdata: a\n\n\uFEFFdata: b\n\n", "a")]
    [InlineData("data: a\n\ndata: [DONE]", "a", "[DONE]")]
    [InlineData("data: a\n\ndata: [DONE]\n", "a", "[DONE]")]
    [InlineData("event: only\n\n")]
    [InlineData("")]
    public async Task ReadAsync_Stream_GivesTheDataOfEachEventHoweverItIsCut(string stream, params string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        for (var piece = 1; piece <= bytes.Length + 1; piece++)
            Assert.Equal(expected, await ReadAllAsync(bytes, piece));
    }

    [Fact]
    public async Task ReadAsync_AfterTheEnd_StaysAtTheEnd()
    {
        using var reader = new SseReader(new MemoryStream("data: a\n\n"u8.ToArray()), Limit);
        Assert.NotNull(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ReadAsync_EventAtTheLimit_IsReadAndOneByteMoreIsNot()
    {
        // The limit holds for a line with its name, too.
        var most = new string('x', Limit - "data: ".Length);
        Assert.Equal([most], await ReadAllAsync(Encoding.UTF8.GetBytes($"data: {most}\n\n"), 7));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(Encoding.UTF8.GetBytes($"data: {most}x\n\n"), 7));
    }

    [Fact]
    public async Task ReadAsync_ManyLinesWithoutEnd_AreRefusedAtTheLimit()
    {
        var endless = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data: 12345678\n", 1000)));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(endless, 100));
        Assert.Contains("1000 bytes", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(new byte[100_000], 4096));
    }

    private static async Task<List<string>> ReadAllAsync(byte[] bytes, int piece)
    {
        using var reader = new SseReader(new PieceStream(bytes, piece), Limit);
        var events = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } data)
            events.Add(Encoding.UTF8.GetString(data.Span));
        return events;
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
