namespace Flotilla.Engine.Sampling;

/// <summary>
/// The ids of tokens that may be drawn by (logit descending, id ascending), sorted only as far as somebody walks: one band of
/// logits below the greatest at a time, for nearly always the first band holds the token that is drawn.
/// </summary>
internal sealed class CandidateList(int vocabulary)
{
    /// <summary>Where each band of scaled logits ends: at e^−4, e^−12 and e^−32 of the likeliest token's probability; then all the rest.</summary>
    private static readonly float[] s_bands = [-4f, -12f, -32f, float.NegativeInfinity];

    private readonly int[] _ids = new int[vocabulary];
    private readonly float[] _keys = new float[vocabulary];

    // What may be drawn, in order of the ids.
    private readonly int[] _open = new int[vocabulary];
    private readonly float[] _logits = new float[vocabulary];
    private readonly float[] _scaled = new float[vocabulary];
    private int _band;

    /// <summary>How many there are: logits of −∞ are of tokens that may not be drawn.</summary>
    public int Count { get; private set; }

    /// <summary>How many are in order by now.</summary>
    public int Sorted { get; private set; }

    /// <summary>Takes new logits, and them scaled: (logit − greatest logit) / temperature.</summary>
    public void Begin(ReadOnlySpan<float> logits, ReadOnlySpan<float> scaled)
    {
        (Count, Sorted, _band) = (0, 0, 0);
        for (var id = 0; id < logits.Length; id++)
        {
            if (logits[id] == float.NegativeInfinity)
                continue;
            (_open[Count], _logits[Count], _scaled[Count]) = (id, logits[id], scaled[id]);
            Count++;
        }
    }

    /// <summary>The id at a place below <see cref="Count"/>; place 0 is the likeliest.</summary>
    public int At(int place)
    {
        while (place >= Sorted)
            SortBand();
        return _ids[place];
    }

    private void SortBand()
    {
        var (start, above, below) = (Sorted, _band == 0 ? float.PositiveInfinity : s_bands[_band - 1], s_bands[_band]);
        _band++;
        for (var index = 0; index < Count; index++)
        {
            if (_scaled[index] < above && _scaled[index] >= below)
            {
                _ids[Sorted] = _open[index];
                _keys[Sorted++] = -_logits[index];
            }
        }

        Array.Sort(_keys, _ids, start, Sorted - start);
        SortEqual(start);
    }

    /// <summary>Puts ids of one logit in order, for the sort by logits leaves them in any.</summary>
    private void SortEqual(int start)
    {
        for (var first = start; first < Sorted;)
        {
            var last = first + 1;
            while (last < Sorted && _keys[last] == _keys[first])
                last++;
            if (last - first > 1)
                Array.Sort(_ids, first, last - first);
            first = last;
        }
    }
}
