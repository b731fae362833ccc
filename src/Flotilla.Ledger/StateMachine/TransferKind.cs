namespace Flotilla.Ledger;

/// <summary>What a transfer does to its two accounts. The numbers are stored.</summary>
internal enum TransferKind
{
    /// <summary>Credits enter: issued → namespace.</summary>
    Fund = 1,

    /// <summary>Pending: namespace → clearing.</summary>
    Hold = 2,

    /// <summary>Ends a hold with a charge: namespace → clearing; what is left of the hold returns.</summary>
    Post = 3,

    /// <summary>Ends a hold without a charge.</summary>
    Void = 4,

    /// <summary>Ends a hold whose time is over.</summary>
    Expire = 5,

    /// <summary>The operator's part of a charge: clearing → operator.</summary>
    NodePay = 6,

    /// <summary>The network's part of a charge: clearing → fees.</summary>
    Fee = 7,
}
