namespace Flotilla.Engine.Sampling;

/// <summary>
/// Token ids by (logit descending, id ascending), sorted only as far as somebody walks: one band of logits below the
/// greatest at a time, for nearly always the first band holds the token that is drawn.
/// </summary>
internal sealed class CandidateList(int vocabulary)
{
    /// <summary>Where each band of scaled logits ends: at e^−4, e^−12 and e^−32 of the likeliest token's probability; then all the rest.</summary>
    private static readonly float[] s_bands = [-4f, -12f, -32f, float.NegativeInfinity];

    private readonly int[] _ids = new int[vocabulary];
    private readonly float[] _keys = new float[vocabulary];
    private readonly float[] _logits = new float[vocabulary];
    private readonly float[] _scaled = new float[vocabulary];
    private int _count;
    private int _band;

    /// <summary>Takes new logits, and them scaled: (logit − greatest logit) / temperature.</summary>
    public void Begin(ReadOnlySpan<float> logits, ReadOnlySpan<float> scaled)
    {
        logits.CopyTo(_logits);
        scaled.CopyTo(_scaled);
        (_count, _band) = (0, 0);
    }

    /// <summary>The id at a place below the vocabulary's size; place 0 is the likeliest.</summary>
    public int At(int place)
    {
        while (place >= _count)
            SortBand();
        return _ids[place];
    }

    private void SortBand()
    {
        var (start, above, below) = (_count, _band == 0 ? float.PositiveInfinity : s_bands[_band - 1], s_bands[_band]);
        _band++;
        for (var id = 0; id < vocabulary; id++)
        {
            if (_scaled[id] < above && _scaled[id] >= below)
            {
                _ids[_count] = id;
                _keys[_count++] = -_logits[id];
            }
        }

        Array.Sort(_keys, _ids, start, _count - start);
        SortEqual(start);
    }

    /// <summary>Puts ids of one logit in order, for the sort by logits leaves them in any.</summary>
    private void SortEqual(int start)
    {
        for (var first = start; first < _count;)
        {
            var last = first + 1;
            while (last < _count && _keys[last] == _keys[first])
                last++;
            if (last - first > 1)
                Array.Sort(_ids, first, last - first);
            first = last;
        }
    }
}
