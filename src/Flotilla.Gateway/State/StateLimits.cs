namespace Flotilla.Gateway.State;

/// <summary>The bounds of what the gateway keeps beside money.</summary>
internal static class StateLimits
{
    /// <summary>Writes that wait at once; whoever comes then waits for room. A group commit takes a few hundred.</summary>
    public const int QueuedWritesMax = 4_096;

    /// <summary>Characters of an idempotency key, printable ASCII: Stripe's limit, which clients know.</summary>
    public const int IdempotencyKeyCharsMax = 255;

    /// <summary>Bytes of an answer that is kept for repeats: 8 Ki tokens of log probabilities, or a long chat. A longer one is not sent a second time.</summary>
    public const int IdempotentAnswerBytesMax = 1024 * 1024;

    /// <summary>Idempotency keys that one namespace may use in a day: two a second, each perhaps a full answer.</summary>
    public const int IdempotencyKeysMax = 200_000;

    /// <summary>How long an idempotency key is remembered: Stripe's day.</summary>
    public static readonly TimeSpan IdempotencyAge = TimeSpan.FromHours(24);

    /// <summary>Writes of one transaction: enough to share an fsync, few enough that one that fails is found soon.</summary>
    public const int WritesPerCommitMax = 256;

    /// <summary>Responses that one namespace keeps; older ones make room, because keeping is what a client gets who says nothing.</summary>
    public const int ResponsesPerNamespaceMax = 10_000;

    /// <summary>Bytes of them, likewise: each holds its whole conversation, which a request bounds at 8 MiB.</summary>
    public const long ResponseBytesPerNamespaceMax = 1024L * 1024 * 1024;

    /// <summary>Responses too old that one new one removes: more than one, so that they go faster than they come.</summary>
    public const int ResponsesSweptAtOnce = 8;

    /// <summary>Time that a response is kept: OpenAI's.</summary>
    public static readonly TimeSpan ResponsesKept = TimeSpan.FromDays(30);

    /// <summary>Bytes of a body that lies in its row; a larger one is a file. A usual chat fits, and needs no second fsync.</summary>
    public const int RowBodyBytesMax = 64 * 1024;

    /// <summary>Deferred requests that one namespace keeps, open or answered: a fifth of the largest batch, which is the better door for more.</summary>
    public const int RequestsPerNamespaceMax = 10_000;

    /// <summary>Rows that one sweep removes at a time: the others get their turn.</summary>
    public const int SweptAtOnceMax = 100;

    /// <summary>Time between two sweeps.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>Time that an answer is kept for its client.</summary>
    public static readonly TimeSpan AnswersKept = TimeSpan.FromHours(24);
}
