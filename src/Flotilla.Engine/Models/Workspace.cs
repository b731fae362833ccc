using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>The intermediate values of one step; made once for the greatest step, so that a step allocates nothing.</summary>
internal sealed class Workspace
{
    private readonly float[][] _scores;

    public Workspace(ModelConfig config, int tokensMax, int threads)
    {
        TokensMax = tokensMax;
        Hidden = new OutputRows(tokensMax, config.Width);
        Normed = new Activations(tokensMax, config.Width);
        Query = new OutputRows(tokensMax, config.QueryLength);
        Key = new OutputRows(tokensMax, config.KvLength);
        Value = new OutputRows(tokensMax, config.KvLength);
        Attended = new Activations(tokensMax, config.QueryLength);
        Gate = new OutputRows(tokensMax, config.InnerLength);
        Up = new OutputRows(tokensMax, config.InnerLength);
        Inner = new Activations(tokensMax, config.InnerLength, Gate.Buffer);
        Addend = new OutputRows(tokensMax, config.Width);
        Cos = new float[tokensMax * (config.RotaryLength / 2)];
        Sin = new float[tokensMax * (config.RotaryLength / 2)];
        var hasLocal = RotaryTable.Local(config) is not null;
        LocalCos = hasLocal ? new float[Cos.Length] : [];
        LocalSin = hasLocal ? new float[Sin.Length] : [];
        _scores = new float[threads][];
        Array.Fill(_scores, []);
    }

    /// <summary>Tokens of the greatest step.</summary>
    public int TokensMax { get; }

    /// <summary>The residual stream: (tokens, width). What crosses from stage to stage.</summary>
    public OutputRows Hidden { get; }

    /// <summary>(tokens, width)</summary>
    public Activations Normed { get; }

    /// <summary>(tokens, heads · head length)</summary>
    public OutputRows Query { get; }

    /// <summary>(tokens, key-value heads · head length)</summary>
    public OutputRows Key { get; }

    /// <summary>(tokens, key-value heads · head length)</summary>
    public OutputRows Value { get; }

    /// <summary>(tokens, heads · head length)</summary>
    public Activations Attended { get; }

    /// <summary>(tokens, feed-forward length)</summary>
    public OutputRows Gate { get; }

    /// <summary>(tokens, feed-forward length)</summary>
    public OutputRows Up { get; }

    /// <summary>The same memory as <see cref="Gate"/>, as the input of the last product.</summary>
    public Activations Inner { get; }

    /// <summary>What a layer's half adds to the residual stream: (tokens, width).</summary>
    public OutputRows Addend { get; }

    /// <summary>(tokens, rotary length / 2)</summary>
    public float[] Cos { get; }

    /// <summary>(tokens, rotary length / 2)</summary>
    public float[] Sin { get; }

    /// <summary>The same for layers that look back a window only; empty where they turn like the others.</summary>
    public float[] LocalCos { get; }

    /// <summary>The same for layers that look back a window only; empty where they turn like the others.</summary>
    public float[] LocalSin { get; }

    /// <summary>A thread's scratch for so many scores; grows with the longest sequence seen.</summary>
    public Span<float> Scores(int worker, int positions)
    {
        if (_scores[worker].Length < positions)
            _scores[worker] = new float[checked((positions + Attention.ScoreTile - 1) / Attention.ScoreTile * Attention.ScoreTile * 2)];
        return _scores[worker];
    }
}
