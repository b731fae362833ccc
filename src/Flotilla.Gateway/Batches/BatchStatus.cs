namespace Flotilla.Gateway.Batches;

/// <summary>Where a batch stands; the names are OpenAI's. The numbers are stored, and from <see cref="Completed"/> on a batch is over.</summary>
internal enum BatchStatus
{
    /// <summary>Its file is read through.</summary>
    Validating = 1,

    /// <summary>Its lines run.</summary>
    InProgress = 2,

    /// <summary>Its client wants no more of it; what runs is ended.</summary>
    Cancelling = 3,

    /// <summary>Its files are made.</summary>
    Finalizing = 4,

    /// <summary>Every line has its answer.</summary>
    Completed = 5,

    /// <summary>Not a line of its file can be run.</summary>
    Failed = 6,

    /// <summary>Its day was over before its last line.</summary>
    Expired = 7,

    /// <summary>Its client wanted no more of it.</summary>
    Cancelled = 8,
}
