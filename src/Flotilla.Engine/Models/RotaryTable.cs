using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Models;

/// <summary>
/// Angles of the rotary position embedding, made in double precision for each step's positions: no table of the whole
/// context is kept, whatever context the file claims.
/// </summary>
internal sealed class RotaryTable
{
    private readonly double[] _frequencies;
    private readonly double _magnitude;

    private RotaryTable(int length, float theta, double factor, float[]? factors)
    {
        _magnitude = 1;
        _frequencies = new double[length / 2];
        var step = DeterministicMath.Log(theta) * -2.0 / length;
        for (var index = 0; index < _frequencies.Length; index++)
            _frequencies[index] = DeterministicMath.Exp(step * index) / factor / (factors?[index] ?? 1.0);
    }

    private RotaryTable(ModelConfig config, float[]? factors)
        : this(config.RotaryLength, config.RopeBase, config.RopeFactor, factors)
    {
        if (config.RopeStretch is not { } stretch)
            return;
        _magnitude = stretch.Magnitude;
        if (stretch.Factor == 1)
            return;
        var first = Math.Max(0, Math.Floor(PairOf(config, stretch, stretch.FastTurns)));
        var last = Math.Min(config.RotaryLength - 1, Math.Ceiling(PairOf(config, stretch, stretch.SlowTurns)));
        for (var index = 0; index < _frequencies.Length; index++)
        {
            var kept = 1 - Math.Clamp((index - first) / Math.Max(0.001, last - first), 0, 1);
            _frequencies[index] = (_frequencies[index] / stretch.Factor * (1 - kept)) + (_frequencies[index] * kept);
        }
    }

    /// <summary>Angles of a position.</summary>
    public int Length => _frequencies.Length;

    /// <summary>The rotation of layers that look back to the beginning.</summary>
    public static RotaryTable Global(ModelConfig config, float[]? factors) => new(config, factors);

    /// <summary>That of layers that look back a window only; null where it is the same.</summary>
    public static RotaryTable? Local(ModelConfig config) =>
        config is { Architecture.HasLocalRotation: true, Window: > 0 } ? new RotaryTable(config.RotaryLength, config.LocalRopeBase, 1, null) : null;

    /// <summary>Fills in cosines and sines, rounded to single precision.</summary>
    public void Fill(int position, Span<float> cos, Span<float> sin)
    {
        for (var index = 0; index < _frequencies.Length; index++)
        {
            var (s, c) = DeterministicMath.SinCos(position * _frequencies[index]);
            cos[index] = (float)(c * _magnitude);
            sin[index] = (float)(s * _magnitude);
        }
    }

    /// <summary>The pair, as a fraction, that turns so often within the original context.</summary>
    private static double PairOf(ModelConfig config, RopeStretch stretch, double turns) =>
        config.RotaryLength * DeterministicMath.Log(stretch.OriginalContext / (turns * 2 * Math.PI)) / (2 * DeterministicMath.Log(config.RopeBase));
}
