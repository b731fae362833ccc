namespace Flotilla.Ledger;

/// <summary>Which bound an account obeys. The numbers are stored.</summary>
internal enum AccountRole
{
    /// <summary>A namespace: debits, posted and pending, never exceed what was credited.</summary>
    Customer = 1,

    /// <summary>What an account earns by its nodes.</summary>
    Operator = 2,

    /// <summary>One of the ledger's own: issued, clearing, fees.</summary>
    System = 3,
}
