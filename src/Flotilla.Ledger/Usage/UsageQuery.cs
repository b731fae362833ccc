using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Which usage to add up. What is null is not filtered by.</summary>
public sealed record UsageQuery
{
    /// <summary>Only this namespace. A caller that is not an admin must always set it.</summary>
    public NamespaceId? Namespace { get; init; }

    /// <summary>Only this key.</summary>
    public KeyId? Key { get; init; }

    /// <summary>Only this model, by its canonical name.</summary>
    public string? Model { get; init; }

    /// <summary>Jobs that ended in this hour (UTC) or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Jobs that ended before this hour (UTC).</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>By what to add up.</summary>
    public UsageGrouping GroupBy { get; init; }
}
