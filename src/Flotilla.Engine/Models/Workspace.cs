using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>
/// The intermediate values of one step; made once for the greatest step, so that a step allocates nothing. An encoder's text may be longer than a
/// step is meant to be: room for it is made when it comes, and given up again when no more such texts do.
/// </summary>
internal sealed class Workspace
{
    private readonly ModelConfig _config;
    private readonly float[][] _scores;
    private readonly int _tokensMin;
    private int _shorterSteps;

    /// <param name="config">The model's shape.</param>
    /// <param name="tokensMin">Tokens that there is always room for.</param>
    /// <param name="threads">Threads that compute.</param>
    public Workspace(ModelConfig config, int tokensMin, int threads)
    {
        (_config, _tokensMin) = (config, tokensMin);
        Allocate(tokensMin);
        _scores = new float[threads][];
        Array.Fill(_scores, []);
    }

    /// <summary>Makes room for a step, and gives up what long texts took once many steps in a row have not needed it.</summary>
    public void Fit(int tokens)
    {
        var wanted = tokens <= _tokensMin ? _tokensMin : (int)BitOperations.RoundUpToPowerOf2((uint)tokens);
        _shorterSteps = wanted < TokensMax ? _shorterSteps + 1 : 0;
        if (wanted > TokensMax || (IsLarge && _shorterSteps >= EngineLimits.WorkspaceStepsKept))
            Allocate(wanted);
    }

    /// <summary>Gives up what long texts took; whether there was any.</summary>
    public bool Release()
    {
        if (!IsLarge)
            return false;
        Allocate(_tokensMin);
        return true;
    }

    private bool IsLarge => TokensMax > Math.Max(_tokensMin, EngineLimits.WorkspaceTokensKept);

    [MemberNotNull(nameof(Hidden), nameof(Normed), nameof(Query), nameof(Key), nameof(Value), nameof(Attended), nameof(Gate), nameof(Up), nameof(Inner), nameof(Addend), nameof(Final))]
    [MemberNotNull(nameof(Cos), nameof(Sin), nameof(LocalCos), nameof(LocalSin))]
    private void Allocate(int tokensMax)
    {
        var config = _config;
        (TokensMax, _shorterSteps) = (tokensMax, 0);
        Hidden = new OutputRows(tokensMax, config.Width);
        Normed = new Activations(tokensMax, config.Width);
        Query = new OutputRows(tokensMax, config.QueryLength);
        Key = new OutputRows(tokensMax, config.KvLength);
        Value = new OutputRows(tokensMax, config.KvLength);
        Attended = new Activations(tokensMax, config.QueryLength);
        Gate = new OutputRows(tokensMax, config.InnerLength);
        Up = new OutputRows(config.Architecture.IsUngated ? 0 : tokensMax, config.InnerLength);
        Inner = new Activations(tokensMax, config.InnerLength, Gate.Buffer);
        Addend = new OutputRows(tokensMax, config.Width);
        Final = new Activations(tokensMax, config.Width);
        Cos = new float[tokensMax * (config.RotaryLength / 2)];
        Sin = new float[tokensMax * (config.RotaryLength / 2)];
        var hasLocal = RotaryTable.Local(config) is not null;
        LocalCos = hasLocal ? new float[Cos.Length] : [];
        LocalSin = hasLocal ? new float[Sin.Length] : [];
    }

    /// <summary>Tokens that there is room for.</summary>
    public int TokensMax { get; private set; }

    /// <summary>The residual stream: (tokens, width). What crosses from stage to stage.</summary>
    public OutputRows Hidden { get; private set; }

    /// <summary>(tokens, width)</summary>
    public Activations Normed { get; private set; }

    /// <summary>(tokens, heads · head length)</summary>
    public OutputRows Query { get; private set; }

    /// <summary>(tokens, key-value heads · head length)</summary>
    public OutputRows Key { get; private set; }

    /// <summary>(tokens, key-value heads · head length)</summary>
    public OutputRows Value { get; private set; }

    /// <summary>(tokens, heads · head length)</summary>
    public Activations Attended { get; private set; }

    /// <summary>(tokens, feed-forward length)</summary>
    public OutputRows Gate { get; private set; }

    /// <summary>(tokens, feed-forward length)</summary>
    public OutputRows Up { get; private set; }

    /// <summary>The same memory as <see cref="Gate"/>, as the input of the last product.</summary>
    public Activations Inner { get; private set; }

    /// <summary>What a layer's half adds to the residual stream: (tokens, width).</summary>
    public OutputRows Addend { get; private set; }

    /// <summary>The normalised states behind the last layer, of the tokens of which they are wanted: (tokens, width).</summary>
    public Activations Final { get; private set; }

    /// <summary>(tokens, rotary length / 2)</summary>
    public float[] Cos { get; private set; }

    /// <summary>(tokens, rotary length / 2)</summary>
    public float[] Sin { get; private set; }

    /// <summary>The same for layers that look back a window only; empty where they turn like the others.</summary>
    public float[] LocalCos { get; private set; }

    /// <summary>The same for layers that look back a window only; empty where they turn like the others.</summary>
    public float[] LocalSin { get; private set; }

    /// <summary>A thread's scratch for so many scores; grows with the longest sequence seen.</summary>
    public Span<float> Scores(int worker, int positions)
    {
        if (_scores[worker].Length < positions)
            _scores[worker] = new float[checked((positions + Attention.ScoreTile - 1) / Attention.ScoreTile * Attention.ScoreTile * 2)];
        return _scores[worker];
    }
}
