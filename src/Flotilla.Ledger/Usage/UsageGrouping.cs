namespace Flotilla.Ledger;

/// <summary>By what usage is added up; several can be combined.</summary>
[Flags]
public enum UsageGrouping
{
    /// <summary>One row for everything.</summary>
    None = 0,

    /// <summary>A row for each key.</summary>
    Key = 1,

    /// <summary>A row for each namespace.</summary>
    Namespace = 2,

    /// <summary>A row for each model.</summary>
    Model = 4,

    /// <summary>A row for each day, UTC.</summary>
    Day = 8,
}
