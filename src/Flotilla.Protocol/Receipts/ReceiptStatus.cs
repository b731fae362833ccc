namespace Flotilla.Protocol.Receipts;

/// <summary>How a job ended, as its receipt has it: these names in lower case.</summary>
public enum ReceiptStatus
{
    /// <summary>The client got the whole answer.</summary>
    Completed,

    /// <summary>The client left, or called the job off.</summary>
    Cancelled,

    /// <summary>The job failed.</summary>
    Failed,
}
