namespace Flotilla.Gateway.Webhooks;

/// <summary>The bounds of webhooks.</summary>
internal static class WebhookLimits
{
    /// <summary>Webhooks of one namespace: one for each of a few systems, and each event is stored once for every one.</summary>
    public const int PerNamespaceMax = 10;

    /// <summary>Deliveries of one namespace that wait at once, as many as it may have deferred requests; what comes then is dropped and counted.</summary>
    public const int WaitingMax = 10_000;

    /// <summary>Bytes of a secret that is drawn: as long as the signature.</summary>
    public const int SecretBytes = 32;

    /// <summary>Attempts of one delivery, where a clock that is set back would make its <see cref="Age"/> no bound: with the pauses between, they take about that long.</summary>
    public const int AttemptsMax = 30;

    /// <summary>Attempts to one webhook at once, so that a slow receiver is not buried.</summary>
    public const int AtOncePerWebhook = 8;

    /// <summary>Attempts of all at once: each holds a socket. A namespace has at most as many as it leaves free.</summary>
    public const int AtOnceMax = 128;

    /// <summary>Attempts of one namespace in a minute, a hundred a second: what a busy one ends, and no attack on its receiver.</summary>
    public const int AttemptsPerMinute = 6_000;

    /// <summary>Deliveries of one webhook that are shown after their end.</summary>
    public const int ShownMax = 1_000;

    /// <summary>Time that a delivery is shown after its end.</summary>
    public static readonly TimeSpan Shown = TimeSpan.FromDays(3);

    /// <summary>Age at which a delivery is given up: OpenAI's 72 hours.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(72);

    /// <summary>Pause after the first attempt; each further one is twice as long. Standard Webhooks begins with 5 s.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    /// <summary>Longest pause between two attempts: a receiver that comes back is noticed within a working day.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromHours(6);

    /// <summary>Time between two looks into the ledger's log: a hold that nobody settled ends without a word.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    /// <summary>Pause after a failure of the disk, before it is asked again.</summary>
    public static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(5);
}
