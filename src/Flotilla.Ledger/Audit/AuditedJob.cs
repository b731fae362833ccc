using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A job's row, from which the hashes of what its transfers were asked for are computed again.</summary>
internal sealed record AuditedJob(
    long Seq, string Id, string Request, string Namespace, string Key, string Model, string Endpoint, long PriceVersion,
    long TimeoutMicroseconds, long Charge, long? FinishedMicroseconds, JobOutcome Outcome)
{
    public const string Query = """
        SELECT seq, id, request_id, namespace_id, key_id, model, endpoint, price_version, timeout_us, charge, finished_us,
            status, finish, error, node_id, prompt_tokens, cached_tokens, completion_tokens
        FROM job WHERE seq = ?
        """;

    public static AuditedJob Read(Statement row)
    {
        var outcome = new JobOutcome
        {
            Status = (JobStatus)row.Int64(11),
            Finish = row.NullableText(12),
            Error = row.NullableText(13),
            Node = row.NullableText(14) is { } node ? new NodeId(node) : null,
            PromptTokens = (int)row.Int64(15),
            CachedTokens = (int)row.Int64(16),
            CompletionTokens = (int)row.Int64(17),
        };
        return new AuditedJob(row.Int64(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Int64(7), row.Int64(8),
            row.Int64(9), row.NullableInt64(10), outcome);
    }

    public byte[] HoldBody(CanonicalBytes bytes, long amount) => TransferBody.OfHold(bytes, new HoldRequest
    {
        Id = default,
        Job = new(Id),
        Request = new(Request),
        Namespace = new(Namespace),
        Key = new(Key),
        Model = Model,
        Endpoint = Endpoint,
        PriceVersion = PriceVersion,
        Amount = new(amount),
        Timeout = TimeSpan.FromTicks(TimeoutMicroseconds * TimeSpan.TicksPerMicrosecond),
    });

    public byte[] ResolutionBody(CanonicalBytes bytes, AccountId? payee, long nodePay, byte[]? receipt) =>
        TransferBody.OfResolution(bytes, new(Id), Charge, payee, nodePay, Outcome, receipt);
}
