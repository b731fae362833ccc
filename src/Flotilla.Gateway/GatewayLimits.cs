namespace Flotilla.Gateway;

/// <summary>The bounds of the HTTP side; the link's are in <see cref="Protocol.Link.LinkLimits"/>, the OpenAI fields' in OpenAiLimits.</summary>
internal static class GatewayLimits
{
    /// <summary>Longest JSON body (security list, item 12). Forms, which carry files, have OpenAiLimits.FormBytesMax.</summary>
    public const long BodyBytesMax = 8 * 1024 * 1024;

    /// <summary>Bytes of all request headers together (security list, item 12).</summary>
    public const int HeaderBytesMax = 32 * 1024;

    /// <summary>Number of request headers; the official SDKs send about 20.</summary>
    public const int HeadersMax = 64;

    /// <summary>Longest request line (security list, item 12).</summary>
    public const int RequestLineBytesMax = 8 * 1024;

    /// <summary>Connections at once: the goal of 10,000 streams (fault matrix, F23) and room for nodes and idle clients.</summary>
    public const long ConnectionsMax = 12_000;

    /// <summary>Node links at once. Kestrel's default has no limit, and its body limits do not reach an upgraded connection.</summary>
    public const long UpgradedConnectionsMax = 2_000;

    /// <summary>Streams of one HTTP/2 connection: Kestrel's own default, stated because a reset flood is bounded by it.</summary>
    public const int Http2StreamsMax = 100;

    /// <summary>Nodes that are asked for one job before the client is told to come back: the first and two more (Envoy's default of 3 retries counts likewise).</summary>
    public const uint AttemptsMax = 3;

    /// <summary>Context assumed for a model whose node does not know it.</summary>
    public const uint ContextTokensAssumed = 8192;

    /// <summary>Event bytes put into the response before it is flushed, while more events wait: one TLS record.</summary>
    public const int FlushBytes = 16 * 1024;

    /// <summary>Seconds that a client is told to wait when no node can take its job; OpenAI's SDKs ignore more than 60.</summary>
    public const int RetryAfterSeconds = 5;

    /// <summary>Seconds that a client is told to wait when the ledger's queue is full: it empties in milliseconds, and one second is the least the header can say.</summary>
    public const int LedgerRetryAfterSeconds = 1;

    /// <summary>Tokens of a judge's word: a number, and before it what a model may think aloud.</summary>
    public const uint JudgeTokens = 256;

    /// <summary>Tokens of one choice that may cost without being seen: the marks of tool calls, a stop text, the end of the turn.</summary>
    public const int UnseenTokensMax = 16;

    /// <summary>Bytes of JSON that a node's output may become in an answer that is gathered: all vectors of the largest request as numbers (96 MiB), all pictures in base64 (108 MiB), or 50,000 tokens with twenty alternatives each. A text ends there.</summary>
    public const long WholeAnswerBytesMax = 128 * 1024 * 1024;

    /// <summary>Bytes of an internal call's answer that are gathered in memory: <see cref="WholeAnswerBytesMax"/>, and of the request what an answer repeats (8 MiB, six times as long where every byte is escaped), and heads. What is charged fits.</summary>
    public const int CallAnswerBytesMax = (int)WholeAnswerBytesMax + (64 * 1024 * 1024);

    /// <summary>Calls at once for which no client waits at a socket: each holds its answer in memory, and a fleet with more slots than this is busy with them anyway.</summary>
    public const int BackgroundCallsMax = 256;

    /// <summary>Of these, the most of one namespace: half, so that nobody's calls take the whole room.</summary>
    public const int BackgroundCallsPerNamespaceMax = BackgroundCallsMax / 2;

    /// <summary>Of a model's slots, one in so many is left to clients who wait at a socket: they are turned away where there is none.</summary>
    public const int ForegroundPart = 8;

    /// <summary>Runs of one deferred request that a crash may cut off: one that kills its gateway each time shall not do so for ever (AttemptsMax, for gateways).</summary>
    public const int DeferredRunsMax = 3;

    /// <summary>Queues of models that are kept while nobody waits in them, for their estimates; names come from clients, and are at most OpenAiLimits.ModelCharsMax long.</summary>
    public const int IdleLanesMax = 1_000;

    /// <summary>Time after which a client is told to ask again; OpenAI's SDKs take 5,000 where nothing is said, and a long poll (<c>?wait=</c>) answers sooner.</summary>
    public const int PollAfterMilliseconds = 1_000;

    /// <summary>Rows of a page of a list, as OpenAI has it for batches.</summary>
    public const int PageRowsMax = 100;

    /// <summary>Rows of a page where nothing is said, as OpenAI has it for batches.</summary>
    public const int PageRowsDefault = 20;

    /// <summary>Images of one request that are fetched at once: a quarter of the connections that one host gets. Each may have a whole body's bytes until it is counted.</summary>
    public const int FetchesAtOnceMax = Outbound.OutboundLimits.ConnectionsPerHostMax / 4;

    /// <summary>Characters of a multipart boundary (RFC 2046).</summary>
    public const int FormBoundaryCharsMax = 70;

    /// <summary>Bytes that are copied at a time from a socket to a file.</summary>
    public const int CopyBufferBytes = 64 * 1024;

    /// <summary>Lines of a batch: OpenAI's.</summary>
    public const int BatchLinesMax = Protocol.OpenAI.OpenAiLimits.BatchRequestsMax;

    /// <summary>Faults of a batch's file that its state shows; the error file has every one.</summary>
    public const int BatchFaultsShownMax = 100;

    /// <summary>Batches that run at once; they share the fleet, and each holds a few lines in memory. One of which nothing can run is not counted.</summary>
    public const int BatchesAtOnceMax = 16;

    /// <summary>Batches of one namespace that run or wait for the fleet at once, each with a line in memory: half of those that run, so that nobody has every turn.</summary>
    public const int BatchesPerNamespaceMax = BatchesAtOnceMax / 2;

    /// <summary>Bytes of lines of one batch that are in memory while they run: eight of the largest, so that a batch of them stays far below 300 MB.</summary>
    public const int BatchBytesRunningMax = 64 * 1024 * 1024;

    /// <summary>Jobs that one line of a batch may cause: more than a fleet in trouble refuses before it is better, and an end to a line that ends its gateway.</summary>
    public const int BatchRunsMax = 16;

    /// <summary>Tries after which a line is refused whose own wishes leave no node: 13 s with the pauses between, in which a node that lost its link has mostly come back.</summary>
    public const int BatchForbiddenTriesMax = 8;

    /// <summary>Characters of a line's custom id: four UUIDs.</summary>
    public const int CustomIdCharsMax = 256;

    /// <summary>Dearest price for a million tokens: a receipt's numbers stay below 2⁵³ µcr, and nothing sold costs ten million dollars a token.</summary>
    public static readonly Core.Credits PriceMax = new(1_000_000_000 * Core.Credits.MicroPerCredit);

    /// <summary>Time for request headers (security list, item 12).</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Time that an idle connection is kept (security list, item 12).</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);

    /// <summary>Time between two looks for room in the fleet while somebody waits for it: clients at sockets come and go without a word.</summary>
    public static readonly TimeSpan FleetLookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Time that a deferred request waits for a node where its client does not say.</summary>
    public static readonly TimeSpan DeferredTtlDefault = TimeSpan.FromHours(1);

    /// <summary>Longest such time: a day, as a batch has it.</summary>
    public static readonly TimeSpan DeferredTtlMax = TimeSpan.FromHours(24);

    /// <summary>Longest that an operator may keep videos: as long as OpenAI keeps files by default.</summary>
    public static readonly TimeSpan VideosKeptMax = TimeSpan.FromDays(30);

    /// <summary>Longest wait of one long poll: proxies commonly give up at 60 s.</summary>
    public static readonly TimeSpan LongPollMax = TimeSpan.FromSeconds(60);

    /// <summary>Pause before a batch goes on that the disk has stopped: long enough to be no load, short enough to be nothing in a day.</summary>
    public static readonly TimeSpan BatchRetryTime = TimeSpan.FromSeconds(2);

    /// <summary>Time for all images of one request that are elsewhere: twice what one may take.</summary>
    public static readonly TimeSpan FetchTime = 2 * Outbound.OutboundLimits.CallTime;

    /// <summary>Longest pause before work that nobody waits for at a socket is tried again after a refusal: of a deferred request what the refusal says
    /// (<c>Retry-After</c>), of a line of a batch first <see cref="FleetLookInterval"/> and then each time twice the one before.</summary>
    public static readonly TimeSpan RefusedPauseMax = TimeSpan.FromSeconds(10);

    /// <summary>Time that a batch has, the only one that OpenAI offers.</summary>
    public static readonly TimeSpan BatchWindow = TimeSpan.FromHours(24);

    /// <summary>Time between two tries of a settlement that a full disk refused.</summary>
    public static readonly TimeSpan SettlementRetryTime = TimeSpan.FromSeconds(1);

    /// <summary>Least time that a hold outlives its job: the node's last word and a busy ledger come after the job's own end.</summary>
    public static readonly TimeSpan HoldMarginMin = TimeSpan.FromSeconds(30);

    /// <summary>Time that a node has to answer a cancelled job with its signed count; then the job is settled without it.</summary>
    public static readonly TimeSpan CancelledDoneTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Time that a catalog is given out again while fleet and prices are the same: loads and waits change with every job, and may be this old.</summary>
    public static readonly TimeSpan CatalogAge = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of an answer to a repeat that go to its client at a time, each within <see cref="SlowReaderTimeout"/>: what Kestrel buffers for a connection.</summary>
    public const int RepeatWriteBytes = 64 * 1024;

    /// <summary>Time that a request which its SDK may send again goes on without its client, and that its answer is at hand afterwards: the SDKs come back after half a second, then after one.</summary>
    public static readonly TimeSpan AttachTime = TimeSpan.FromSeconds(4);

    /// <summary>Bytes of an answer that are kept for such a retry: a client that has seen more does not send its request again.</summary>
    public const int AttachBytesMax = 32 * 1024;

    /// <summary>Bytes of all answers that ended and are kept for one: two thousand of the largest, and of usual chats some thirty thousand.</summary>
    public const long AttachedBytesMax = 64 * 1024 * 1024;

    /// <summary>Time that a client may leave a full socket unread (fault matrix, F22).</summary>
    public static readonly TimeSpan SlowReaderTimeout = TimeSpan.FromSeconds(30);
}
