using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>A text that is read and not continued: its hidden states become one, as the model's file says.</summary>
/// <param name="tokens">The text.</param>
/// <param name="second">Where, in a pair, the second text begins; the number of tokens where there is none.</param>
/// <param name="config">The model's shape.</param>
/// <param name="kernels">The vector width.</param>
internal abstract class PooledSequence<TResult>(int[] tokens, int second, ModelConfig config, KernelSet kernels) : Sequence(tokens, tokens.Length)
{
    private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly float[] _pooled = new float[config.Width];
    private readonly Pooling _pooling = config.Pooling != Pooling.Rank ? config.Pooling : config.Architecture.IsEncoder ? Pooling.First : Pooling.Last;
    private readonly List<int> _rows = [];

    /// <summary>What comes of it.</summary>
    public Task<TResult> Result => _result.Task;

    public override bool IsWhole => config.Architecture.IsEncoder;

    public override void WantHidden(StepBatch batch)
    {
        _rows.Clear();
        for (var index = Math.Max(Computed, Absorbed); index < Computed + InBatch; index++)
        {
            if (IsWanted(index))
                _rows.Add(batch.WantHidden(FirstInBatch + index - Computed));
        }
    }

    public override void Fail(Exception exception)
    {
        IsDone = true;
        _result.TrySetException(FailureOf(exception));
    }

    protected override int TypeOf(int index) => index >= second && config.TokenTypes > 1 ? 1 : 0;

    protected override int Absorb(Transformer model)
    {
        foreach (var row in _rows)
            kernels.Add(_pooled, model.Hidden(row));
        if (CatchesUp)
            Finish(model);
        return 0;
    }

    private void Finish(Transformer model)
    {
        if (!kernels.IsFinite(_pooled))
            throw NotFinite();
        var result = Finish(model, _pooled);
        IsDone = true;
        _result.TrySetResult(result);
    }

    /// <summary>Makes the result of the pooled state: the sum of the states of all tokens that count.</summary>
    protected abstract TResult Finish(Transformer model, ReadOnlySpan<float> pooled);

    protected static GenerationFailedException NotFinite() =>
        new(GenerationFailure.NotFinite, "The model computed a value that is infinite or no number.");

    private bool IsWanted(int index) => _pooling switch
    {
        Pooling.First => index == 0,
        Pooling.Last => index == Tokens.Count - 1,
        _ => true,
    };
}
