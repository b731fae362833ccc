using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway;

/// <summary>What an operator can set about one gateway; checked by <see cref="GatewayOptionsValidator"/>.</summary>
public sealed record GatewayOptions
{
    /// <summary>Folder of the ledger and the gateway's key; made where it is missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Address to listen on. Default: this machine alone.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 lets the system choose.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Names (host or host:port) under which nodes may dial this gateway, beside its own addresses. A node signs the name that it dialled, so that no other gateway can pass its handshake on.</summary>
    public IReadOnlyList<string> PublicHosts { get; init; } = [];

    /// <summary>Other names of models: a client asks for the key and gets the value.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>What the operator says of models, by their own names: recommendation, deprecation, size.</summary>
    public IReadOnlyDictionary<string, ModelNotes> Models { get; init; } = new Dictionary<string, ModelNotes>();

    /// <summary>What the operator says of namespaces, by their ids or names.</summary>
    public IReadOnlyDictionary<string, NamespaceNotes> Namespaces { get; init; } = new Dictionary<string, NamespaceNotes>();

    /// <summary>Price of models that have none of their own, for a new ledger; afterwards its price table holds. Null: the ledger's default.</summary>
    public Price? DefaultPrice { get; init; }

    /// <summary>Repeats the job headers under the names <c>x-decentral-*</c>.</summary>
    public bool CompatDecentralHeaders { get; init; }

    /// <summary>Answers the admin API to other machines too. Default: only to this one; the admin key is needed either way.</summary>
    public bool AdminFromAnywhere { get; init; }

    /// <summary>Origins, such as <c>https://app.example</c>, whose web pages may call <c>/v1</c>. Default: none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Where the gateway itself may go when a client names the address.</summary>
    public OutboundOptions Outbound { get; init; } = new();

    /// <summary>Credits of a namespace below which its webhooks hear <c>credit.low</c>, unless a webhook says otherwise. Default: 100, nominally one US dollar.</summary>
    public Credits CreditLow { get; init; } = new(100 * Credits.MicroPerCredit);

    /// <summary>What each key may ask for. Default: a thousand requests a second, twelve thousand at once, a milliard tokens a minute: more than one honest client sends, less than a runaway.</summary>
    public RateLimits KeyLimits { get; init; } = new(60_000, 1_000_000_000, 12_000);

    /// <summary>What all keys of one namespace may ask for together. Default: twice what one key may.</summary>
    public RateLimits NamespaceLimits { get; init; } = new(120_000, 2_000_000_000, 12_000);

    /// <summary>Bytes that one namespace may keep here of each kind: deferred requests with their answers, files, answers for repeats. Default 10 GiB.</summary>
    public long StoredBytesMax { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Time that a video is kept after it was made. Default 24 h.</summary>
    public TimeSpan VideosKept { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What a line of a batch pays of its model's price, in hundredths of a percent. Default: half, as OpenAI has it.</summary>
    public int BatchPriceBasisPoints { get; init; } = 5_000;

    /// <summary>Time until a job's first event with a token. Default 60 s.</summary>
    public TimeSpan FirstEventTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between two events of a job. Default 30 s.</summary>
    public TimeSpan EventGapTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that one job may take in all. Default 600 s: the official SDKs give up then.</summary>
    public TimeSpan JobTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>Time after which a hold that nobody resolved returns by itself. Must exceed <see cref="JobTimeout"/>. Default 660 s.</summary>
    public TimeSpan HoldTimeout { get; init; } = TimeSpan.FromSeconds(660);

    /// <summary>Time that running requests have to finish when the gateway stops. Default 600 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(600);
}
