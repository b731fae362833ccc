using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;

namespace Flotilla.Gateway.Batches;

/// <summary>The ids of what a line causes, made from the batch and the line alone: after a crash they are found again without having been written down.</summary>
internal static class BatchNames
{
    private const string Line = "batch_req_";
    private const int TimeDigits = 12;
    private const int OwnDigits = 24;

    /// <summary>The id that the line has in the batch's files; ends with its number.</summary>
    public static string OfLine(string batch, int line) => $"{Line}{batch[^OwnDigits..]}{line.ToString("x8", CultureInfo.InvariantCulture)}";

    /// <summary>The number of the line to which such an id belongs.</summary>
    public static int LineOf(string id) => int.Parse(id.AsSpan(Line.Length + OwnDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The request that a line makes.</summary>
    public static RequestId Request(string batch, int line) => new(RequestId.Prefix + Digits(batch, line, run: -1));

    /// <summary>The job that a line's run causes.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="line">The line.</param>
    /// <param name="run">From 0; a run that came to nothing is followed by another.</param>
    public static JobId Job(string batch, int line, int run) => new(JobId.Prefix + Digits(batch, line, run));

    private static string Digits(string batch, int line, int run)
    {
        Span<byte> place = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(place, line);
        BinaryPrimitives.WriteInt32BigEndian(place[sizeof(int)..], run);
        var digest = SHA256.HashData([.. Encoding.ASCII.GetBytes(batch), .. place]);
        // Ids begin with the time: those of one batch lie together in an index.
        var time = batch.AsSpan(batch.IndexOf('_', StringComparison.Ordinal) + 1, TimeDigits);
        return string.Concat(time, Convert.ToHexStringLower(digest).AsSpan(0, 32 - TimeDigits));
    }
}
