namespace Flotilla.Ledger;

/// <summary>What a caller may conclude from a status.</summary>
public static class TransferStatusExtensions
{
    /// <summary>Whether the movement stands, from now or from an earlier attempt with the same id and content.</summary>
    public static bool IsDone(this TransferStatus status) => status is TransferStatus.Created or TransferStatus.Exists;

    /// <summary>Whether the same request can succeed later without being changed.</summary>
    public static bool IsTransient(this TransferStatus status) =>
        status is TransferStatus.ExceedsCredits or TransferStatus.LedgerIsBusy or TransferStatus.StorageIsFull;
}
