using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Protocol.Receipts;

/// <summary>The commitment to what a job said, computed alike by node and gateway while the events pass.</summary>
/// <remarks>
/// One SHA-256 per choice runs over its visible output. Whenever the kind of output changes (text, reasoning, the name or
/// the arguments of tool call i), five bytes go in first: 0xFF, which valid UTF-8 never holds, the kind, and i as 24 bits
/// little-endian. How the output was cut into events therefore does not matter. The commitment is
/// SHA-256(salt ‖ digest of choice 0 ‖ digest of choice 1 ‖ …). Not thread-safe: one job, one digest.
/// </remarks>
public sealed class OutputDigest : IDisposable
{
    private readonly List<Choice> _choices = [];

    /// <summary>Takes in one event of the job; events without output change nothing.</summary>
    public void Append(Link.Event item)
    {
        switch (item.BodyCase)
        {
            case Link.Event.BodyOneofCase.Text:
                Append(item.Choice, OutputKind.Text, 0, item.Text.Text_);
                break;
            case Link.Event.BodyOneofCase.Reasoning:
                Append(item.Choice, OutputKind.Reasoning, 0, item.Reasoning.Text_);
                break;
            case Link.Event.BodyOneofCase.ToolCall:
                Append(item.Choice, OutputKind.ToolName, item.ToolCall.Index, item.ToolCall.Name);
                Append(item.Choice, OutputKind.ToolArguments, item.ToolCall.Index, item.ToolCall.Arguments);
                break;
            case Link.Event.BodyOneofCase.Vector:
                Append(item.Choice, OutputKind.Vector, item.Vector.Values.Span);
                break;
            case Link.Event.BodyOneofCase.Score:
                Append(item.Choice, OutputKind.Score, BytesOf(item.Score));
                break;
            case Link.Event.BodyOneofCase.Verdict:
                Append(item.Choice, OutputKind.Verdict, BytesOf(item.Verdict));
                break;
            case Link.Event.BodyOneofCase.Media:
                Append(item.Choice, OutputKind.Media, item.Media.Data.Span);
                break;
            case Link.Event.BodyOneofCase.Segment:
                Append(item.Choice, OutputKind.Segment, 0, Line(item.Segment.StartMs, item.Segment.EndMs, item.Segment.Text));
                foreach (var word in item.Segment.Words)
                    Append(item.Choice, OutputKind.Word, 0, Line(word.StartMs, word.EndMs, word.Text));
                break;
        }
    }

    /// <summary>Takes in one piece of output.</summary>
    /// <param name="choice">0, 1, …; the caller has bounded it.</param>
    /// <param name="kind">What the text is.</param>
    /// <param name="index">Which tool call, else 0.</param>
    /// <param name="text">The piece; empty changes nothing.</param>
    public void Append(uint choice, OutputKind kind, uint index, string text)
    {
        if (text.Length > 0)
            Run(choice, kind, index).Append(text);
    }

    /// <summary>Takes in bytes. They are the whole of their choice: only text can be told from the mark of another kind.</summary>
    /// <param name="choice">0, 1, …; the caller has bounded it.</param>
    /// <param name="kind">What the bytes are.</param>
    /// <param name="bytes">The output.</param>
    public void Append(uint choice, OutputKind kind, ReadOnlySpan<byte> bytes) => Run(choice, kind, 0).Append(bytes);

    /// <summary>The commitment over everything so far.</summary>
    /// <param name="salt">The job's salt.</param>
    /// <returns>32 bytes.</returns>
    public byte[] Commit(ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var choice in _choices)
        {
            choice.Digest(digest);
            hash.AppendData(digest);
        }

        return hash.GetHashAndReset();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var choice in _choices)
            choice.Dispose();
    }

    /// <summary>The choice, marked where the kind of output changes.</summary>
    private Choice Run(uint choice, OutputKind kind, uint index)
    {
        while (_choices.Count <= choice)
            _choices.Add(new Choice());
        var target = _choices[(int)choice];
        var run = (kind, index);
        if (target.Run != run)
        {
            Span<byte> mark = stackalloc byte[5];
            BinaryPrimitives.WriteUInt32LittleEndian(mark[1..], index << 8 | (uint)kind);
            mark[0] = 0xFF;
            target.Append(mark);
            target.Run = run;
        }

        return target;
    }

    private static byte[] BytesOf(Link.Score score)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, score.Relevance);
        return bytes;
    }

    private static byte[] BytesOf(Link.Verdict verdict)
    {
        var bytes = new byte[1 + sizeof(uint) + (verdict.Scores.Count * sizeof(float))];
        bytes[0] = verdict.Flagged ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), verdict.Categories);
        for (var i = 0; i < verdict.Scores.Count; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1 + sizeof(uint) + (i * sizeof(float))), verdict.Scores[i]);
        return bytes;
    }

    private static string Line(uint startMs, uint endMs, string text) => string.Create(CultureInfo.InvariantCulture, $"{startMs} {endMs} {text}\n");

    /// <summary>Output comes a token at a time, and a call of the hash costs more than a token's bytes: they are gathered first.</summary>
    private sealed class Choice : IDisposable
    {
        private const int GatheredBytesMax = 512;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _gathered = new byte[GatheredBytesMax];
        private int _count;

        public (OutputKind Kind, uint Index) Run { get; set; }

        public void Append(string text)
        {
            if (Encoding.UTF8.TryGetBytes(text, _gathered.AsSpan(_count), out var written))
                _count += written;
            else
                Append(Encoding.UTF8.GetBytes(text));
        }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > GatheredBytesMax - _count)
                Flush();
            if (bytes.Length > GatheredBytesMax)
            {
                _hash.AppendData(bytes);
                return;
            }

            bytes.CopyTo(_gathered.AsSpan(_count));
            _count += bytes.Length;
        }

        public void Digest(Span<byte> digest)
        {
            Flush();
            _hash.GetCurrentHash(digest);
        }

        public void Dispose() => _hash.Dispose();

        private void Flush()
        {
            _hash.AppendData(_gathered.AsSpan(0, _count));
            _count = 0;
        }
    }
}
