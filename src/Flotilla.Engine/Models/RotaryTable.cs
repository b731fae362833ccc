using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Models;

/// <summary>
/// Angles of the rotary position embedding, made in double precision for each step's positions: no table of the whole
/// context is kept, whatever context the file claims.
/// </summary>
internal sealed class RotaryTable
{
    private readonly double[] _frequencies;

    public RotaryTable(ModelConfig config, float[]? factors)
    {
        _frequencies = new double[config.RotaryLength / 2];
        var step = DeterministicMath.Log(config.RopeBase) * -2.0 / config.RotaryLength;
        for (var index = 0; index < _frequencies.Length; index++)
            _frequencies[index] = DeterministicMath.Exp(step * index) / config.RopeFactor / (factors?[index] ?? 1.0);
    }

    /// <summary>Angles of a position.</summary>
    public int Length => _frequencies.Length;

    /// <summary>Fills in cosines and sines, rounded to single precision.</summary>
    public void Fill(int position, Span<float> cos, Span<float> sin)
    {
        for (var index = 0; index < _frequencies.Length; index++)
        {
            var (s, c) = DeterministicMath.SinCos(position * _frequencies[index]);
            cos[index] = (float)c;
            sin[index] = (float)s;
        }
    }
}
