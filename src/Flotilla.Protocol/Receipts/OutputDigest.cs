using System.Buffers.Binary;
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
        }
    }

    /// <summary>Takes in one piece of output.</summary>
    /// <param name="choice">0, 1, …; the caller has bounded it.</param>
    /// <param name="kind">What the text is.</param>
    /// <param name="index">Which tool call, else 0.</param>
    /// <param name="text">The piece; empty changes nothing.</param>
    public void Append(uint choice, OutputKind kind, uint index, string text)
    {
        if (text.Length == 0)
            return;
        while (_choices.Count <= choice)
            _choices.Add(new Choice());
        var target = _choices[(int)choice];
        var run = (kind, index);
        if (target.Run != run)
        {
            Span<byte> mark = stackalloc byte[5];
            BinaryPrimitives.WriteUInt32LittleEndian(mark[1..], index << 8 | (uint)kind);
            mark[0] = 0xFF;
            target.Hash.AppendData(mark);
            target.Run = run;
        }

        AppendUtf8(target.Hash, text);
    }

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
            choice.Hash.GetCurrentHash(digest);
            hash.AppendData(digest);
        }

        return hash.GetHashAndReset();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var choice in _choices)
            choice.Hash.Dispose();
    }

    private static void AppendUtf8(IncrementalHash hash, string text)
    {
        const int StackBytes = 512;
        if (text.Length * 3 <= StackBytes)
        {
            Span<byte> bytes = stackalloc byte[StackBytes];
            hash.AppendData(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }
        else
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
        }
    }

    private sealed class Choice
    {
        public IncrementalHash Hash { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public (OutputKind Kind, uint Index) Run { get; set; }
    }
}
