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

    /// <summary>Idempotency keys that one namespace may use in a day: two a second. Their answers count against what a namespace may store (setting stored_mebibytes).</summary>
    public const int IdempotencyKeysMax = 200_000;

    /// <summary>Answers that one transaction forgets, each of at most <see cref="IdempotentAnswerBytesMax"/>: everybody else's writes wait for it.</summary>
    public const int IdempotentAnswersSweptAtOnce = 16;

    /// <summary>How long an idempotency key is remembered: Stripe's day.</summary>
    public static readonly TimeSpan IdempotencyAge = TimeSpan.FromHours(24);

    /// <summary>Writes of one transaction: enough to share an fsync, few enough that one that fails is found soon.</summary>
    public const int WritesPerCommitMax = 256;

    /// <summary>Responses that one namespace keeps; older ones make room, because keeping is what a client gets who says nothing.</summary>
    public const int ResponsesPerNamespaceMax = 10_000;

    /// <summary>Bytes of them, likewise: each holds its whole conversation, which has at most OpenAiLimits.ConversationBytesMax before its answer.</summary>
    public const long ResponseBytesPerNamespaceMax = 1024L * 1024 * 1024;

    /// <summary>Bytes of the responses whose items one request names: each is read and parsed for it, and has some megabytes at most; a conversation of usual ones has far less.</summary>
    public const long ReferencedBytesMax = 64L * 1024 * 1024;

    /// <summary>Responses too old that one new one removes: more than one, so that they go faster than they come.</summary>
    public const int ResponsesSweptAtOnce = 8;

    /// <summary>Time that a response is kept: OpenAI's.</summary>
    public static readonly TimeSpan ResponsesKept = TimeSpan.FromDays(30);

    /// <summary>Bytes of a body that lies in its row; a larger one is a file. A usual chat fits, and needs no second fsync.</summary>
    public const int RowBodyBytesMax = 64 * 1024;

    /// <summary>Deferred requests that one namespace keeps, open or answered: a fifth of the largest batch, which is the better door for more.</summary>
    public const int RequestsPerNamespaceMax = 10_000;

    /// <summary>Files that one namespace keeps: one page of the list, as OpenAI has it.</summary>
    public const int FilesPerNamespaceMax = 10_000;

    /// <summary>Rows of a page of files, and as many where nothing is said: OpenAI's.</summary>
    public const int FilesPageMax = 10_000;

    /// <summary>Bytes of a file: OpenAI's 512 MB.</summary>
    public const long FileBytesMax = 512 * 1024 * 1024;

    /// <summary>Bytes of a file for a batch: OpenAI's 200 MB.</summary>
    public const long BatchFileBytesMax = 200 * 1024 * 1024;

    /// <summary>Bytes of an upload: the file, and room for the other parts and all their headers.</summary>
    public const long UploadBytesMax = FileBytesMax + (1024 * 1024);

    /// <summary>Parts of an upload (security list, item 17).</summary>
    public const int PartsMax = 16;

    /// <summary>Headers of a part: two are usual.</summary>
    public const int PartHeadersMax = 16;

    /// <summary>Bytes of a part's headers (security list, item 17).</summary>
    public const int PartHeaderBytesMax = 16 * 1024;

    /// <summary>Characters of a field beside the file: a purpose, a number.</summary>
    public const int FieldCharsMax = 1_024;

    /// <summary>Characters of a file's name that are kept: what file systems commonly allow.</summary>
    public const int FilenameCharsMax = 255;

    /// <summary>Batches of one namespace that are not over: enough for a client that cuts its work into many.</summary>
    public const int OpenBatchesPerNamespaceMax = 100;

    /// <summary>Rows that a sweep removes at a time: other writes get their turn between them.</summary>
    public const int SweptAtOnceMax = 100;

    /// <summary>Life of a batch's files, in and out, where nothing is said: OpenAI's 30 days.</summary>
    public static readonly TimeSpan BatchFilesKept = TimeSpan.FromDays(30);

    /// <summary>Time between two tries of a write that the disk has refused and that must not be lost.</summary>
    public static readonly TimeSpan StoreRetryTime = TimeSpan.FromSeconds(1);

    /// <summary>Time between two sweeps.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>Time that an answer is kept for its client.</summary>
    public static readonly TimeSpan AnswersKept = TimeSpan.FromHours(24);
}
