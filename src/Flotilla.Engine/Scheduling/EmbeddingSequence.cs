using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>A text whose hidden states are averaged, in the order of their positions, and scaled to length 1.</summary>
internal sealed class EmbeddingSequence(int[] tokens, int width, KernelSet kernels) : Sequence(tokens, tokens.Length)
{
    private readonly TaskCompletionSource<EmbeddingResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly float[] _sum = new float[width];
    private int _firstRow;
    private int _rows;

    /// <summary>The embedding.</summary>
    public Task<EmbeddingResult> Result => _result.Task;

    public override void WantHidden(StepBatch batch)
    {
        var known = Math.Clamp(Absorbed - Computed, 0, InBatch);
        _rows = InBatch - known;
        for (var index = 0; index < _rows; index++)
        {
            var row = batch.WantHidden(FirstInBatch + known + index);
            _firstRow = index == 0 ? row : _firstRow;
        }
    }

    public override void Fail(Exception exception)
    {
        IsDone = true;
        _result.TrySetException(exception);
    }

    protected override int Absorb(Transformer model)
    {
        for (var index = 0; index < _rows; index++)
            kernels.Add(_sum, model.Hidden(_firstRow + index));
        if (CatchesUp)
            Finish();
        return 0;
    }

    private void Finish()
    {
        var norm = MathF.Sqrt(kernels.SumOfSquares(_sum));
        if (!float.IsFinite(norm))
            throw new GenerationFailedException(GenerationFailure.NotFinite, "The model computed a value that is infinite or no number.");
        var vector = new float[width];
        for (var index = 0; index < width; index++)
            vector[index] = norm > 0 ? _sum[index] / norm : 0;
        IsDone = true;
        _result.TrySetResult(new EmbeddingResult(vector, Tokens.Count));
    }
}
