namespace Flotilla.Gateway.Nodes;

/// <summary>How one node has done lately. Outlives its sessions, so that dialling again does not wipe a record clean.</summary>
internal sealed class TrackRecord(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private int _failuresInRow;
    private int _ejections;
    private long _ejectedAt;
    private TimeSpan _ejectedFor;

    /// <summary>Whether it is passed over as long as another node is free.</summary>
    public bool IsEjected
    {
        get
        {
            lock (_lock)
                return IsEjectedNow;
        }
    }

    private bool IsEjectedNow => _ejectedFor > TimeSpan.Zero && time.GetElapsedTime(_ejectedAt) < _ejectedFor;

    /// <summary>The node did its job: the row of failures is over, and its next ejection is a short one again.</summary>
    /// <param name="model">Of the job.</param>
    /// <param name="firstToken">Time to the first token; null where it was not seen as it came.</param>
    /// <param name="tokensPerSecond">Null where there were too few to tell.</param>
    public void Succeeded(string model, TimeSpan? firstToken, double? tokensPerSecond)
    {
        lock (_lock)
        {
            _failuresInRow = 0;
            _ejections = 0;
            _ejectedFor = TimeSpan.Zero;
            if (_paces.Count >= NodeLimits.PacesMax && !_paces.ContainsKey(model))
                _paces.Clear();
            _paces[model] = PaceOf(model).With(firstToken, tokensPerSecond, time.GetTimestamp());
        }
    }

    /// <summary>The node failed a job by a fault of its own.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            if (++_failuresInRow < NodeLimits.FailuresUntilEjection)
                return;
            _failuresInRow = 0;
            var factor = 1L << Math.Min(_ejections++, NodeLimits.EjectionDoublingsMax);
            _ejectedAt = time.GetTimestamp();
            _ejectedFor = NodeLimits.EjectionTime * factor;
        }
    }

    /// <summary>Whether it is ejected, and how fast it was with the model; nothing where that is too long ago to count.</summary>
    public (bool IsEjected, Pace Pace) With(string model)
    {
        lock (_lock)
        {
            var pace = PaceOf(model);
            return (IsEjectedNow, time.GetElapsedTime(pace.At) <= NodeLimits.PaceLifetime ? pace : Pace.Unknown);
        }
    }

    private Pace PaceOf(string model) => _paces.GetValueOrDefault(model, Pace.Unknown);
}
