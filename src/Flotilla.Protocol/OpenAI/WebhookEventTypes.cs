namespace Flotilla.Protocol.OpenAI;

/// <summary>What a webhook can be told. Events of batches and responses have OpenAI's names.</summary>
public static class WebhookEventTypes
{
    /// <summary>The family of events that tell how a job ended, with its status behind it.</summary>
    public const string Job = "job.";

    /// <summary>The family of events that tell how a deferred request ended.</summary>
    public const string Request = "request.";

    /// <summary>The family of events that tell how a response in the background ended.</summary>
    public const string Response = "response.";

    /// <summary>The family of events that tell how a batch ended.</summary>
    public const string Batch = "batch.";

    /// <summary>A namespace's credits fell below a threshold.</summary>
    public const string CreditLow = "credit.low";

    /// <summary>What is sent to try a webhook; it comes whatever the webhook asks for, and cannot be asked for.</summary>
    public const string Test = "webhook.test";

    /// <summary>Every event that a webhook can ask for.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "job.completed", "job.failed", "job.cancelled", "job.expired",
        "request.completed", "request.failed", "request.cancelled", "request.expired",
        "response.completed", "response.incomplete", "response.failed", "response.cancelled",
        "batch.completed", "batch.failed", "batch.expired", "batch.cancelled",
        CreditLow,
    ];

    /// <summary>What a webhook can ask for: <see cref="All"/>, whole families (<c>job.*</c>), and everything (<c>*</c>).</summary>
    public static IReadOnlyList<string> Filters { get; } =
        [.. All, .. All.Select(type => type[..(type.IndexOf('.', StringComparison.Ordinal) + 1)]).Distinct().Select(family => family + "*"), "*"];

    /// <summary>Whether a filter lets an event through.</summary>
    /// <param name="filter">One of <see cref="Filters"/>.</param>
    /// <param name="type">One of <see cref="All"/>.</param>
    public static bool Matches(string filter, string type) =>
        filter.EndsWith('*') ? type.StartsWith(filter[..^1], StringComparison.Ordinal) : filter == type;
}
