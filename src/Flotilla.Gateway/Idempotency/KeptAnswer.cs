using Flotilla.Core;

namespace Flotilla.Gateway.Idempotency;

/// <summary>What is remembered under an idempotency key.</summary>
/// <param name="Fingerprint">SHA-256 of the path and the body that came with it first.</param>
/// <param name="Job">The id that its run gives to its job: after a crash the ledger says under it whether it was charged.</param>
/// <param name="Request">The request that began it, under whose id it may have stored something; null for what an older version remembered.</param>
/// <param name="Status">HTTP status of the answer; null while it runs, and for good where a crash or its length kept it from being stored.</param>
/// <param name="Headers">The answer's headers, one <c>name: value</c> a line.</param>
/// <param name="Body">The answer's body.</param>
internal sealed record KeptAnswer(byte[] Fingerprint, JobId Job, RequestId? Request, int? Status, string Headers, byte[] Body)
{
    /// <summary>Headers as <see cref="Headers"/> has them.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, string>> headers) => string.Join('\n', headers.Select(h => $"{h.Key}: {h.Value}"));

    /// <summary>The answer's headers.</summary>
    public KeyValuePair<string, string>[] HeaderPairs() =>
        [.. Headers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1]))];
}
