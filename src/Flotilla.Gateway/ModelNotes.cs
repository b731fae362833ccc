namespace Flotilla.Gateway;

/// <summary>What an operator says of one model. A model that is on its way out works until its last day.</summary>
public sealed record ModelNotes
{
    /// <summary>The sizes that Decentral's clients know.</summary>
    public static IReadOnlyList<string> Tiers { get; } = ["lite", "standard", "pro", "max"];

    /// <summary>Whether it is one to begin with.</summary>
    public bool Recommended { get; init; }

    /// <summary>Day (UTC) on which its deprecation was, or will be, announced; null: it is not deprecated.</summary>
    public DateOnly? NoticeDate { get; init; }

    /// <summary>First day (UTC) on which it is not served any more; null: no end is planned.</summary>
    public DateOnly? ShutdownDate { get; init; }

    /// <summary>lite, standard, pro or max; null: nothing is said.</summary>
    public string? Tier { get; init; }

    /// <summary>Number of weights in words, such as 8B; null: nothing is said.</summary>
    public string? Parameters { get; init; }

    /// <summary>Whether, and how, this chat model serves <c>/v1/moderations</c>; docs/moderation.md tells more.</summary>
    public GuardPrompt Guard { get; init; }

    /// <summary>Whether its deprecation has been announced by then.</summary>
    public bool IsDeprecated(DateTimeOffset now) => NoticeDate is { } notice && DateOnly.FromDateTime(now.UtcDateTime) >= notice;

    /// <summary>Whether its last day is over by then.</summary>
    public bool IsShutDown(DateTimeOffset now) => ShutdownDate is { } end && DateOnly.FromDateTime(now.UtcDateTime) >= end;
}
