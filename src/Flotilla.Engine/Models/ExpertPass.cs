using Flotilla.Engine.Kernels;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>
/// A feed-forward half of experts: each token goes through those few that the router likes best, each expert takes all tokens of the step that
/// chose it at once, and a token's results are added in the order of its liking. So nothing depends on who else is in the step.
/// </summary>
internal sealed class ExpertPass
{
    private readonly ModelConfig _config;
    private readonly KernelSet _kernels;
    private readonly Workspace _work;
    private readonly MatrixProduct _product;
    private readonly FeedForwardPass _one;
    private readonly OutputRows _liking;
    private readonly Activations _gathered;
    private readonly OutputRows _results;

    // Of each token, the experts in the order of its liking; their shares; and where their results lie.
    private readonly int[] _chosen;
    private readonly float[] _shares;
    private readonly List<int>[] _choices;
    private readonly float[] _sum;

    public ExpertPass(ModelConfig config, KernelSet kernels, ComputePool pool, Workspace work, FeedForwardPass one, int tokensMax)
    {
        (_config, _kernels, _work, _one) = (config, kernels, work, one);
        _product = new MatrixProduct(kernels, pool);
        _liking = new OutputRows(tokensMax, config.Experts);
        _gathered = new Activations(tokensMax, config.Width);
        _results = new OutputRows(checked(tokensMax * config.ExpertsUsed), config.Width);
        _chosen = new int[tokensMax * config.ExpertsUsed];
        _shares = new float[_chosen.Length];
        _choices = [.. Enumerable.Range(0, config.Experts).Select(_ => new List<int>())];
        _sum = new float[config.Width];
    }

    /// <summary>Takes the normalised rows of a step to what is added to the hidden states.</summary>
    public void Run(ExpertWeights weights, int tokens)
    {
        _product.Run(_work.Normed, tokens, (weights.Router, _liking));
        foreach (var choices in _choices)
            choices.Clear();
        for (var token = 0; token < tokens; token++)
            Choose(token);
        for (var expert = 0; expert < _choices.Length; expert++)
        {
            if (_choices[expert].Count > 0)
                Run(weights.All[expert], _choices[expert]);
        }

        for (var token = 0; token < tokens; token++)
            Join(token);
    }

    /// <summary>The greatest of the router's numbers, of equal ones the first expert; shares are a softmax over those alone.</summary>
    private void Choose(int token)
    {
        var liking = _liking.Of(token);
        var first = token * _config.ExpertsUsed;
        for (var place = 0; place < _config.ExpertsUsed; place++)
        {
            var best = -1;
            for (var expert = 0; expert < liking.Length; expert++)
            {
                // A NaN is never greater; where all are, any choice ends the generation.
                if (!_chosen.AsSpan(first, place).Contains(expert) && (best < 0 || liking[expert] > liking[best]))
                    best = expert;
            }

            _chosen[first + place] = best;
            _choices[best].Add(first + place);
        }

        var (top, sum) = (liking[_chosen[first]], 0f);
        for (var place = first; place < first + _config.ExpertsUsed; place++)
            sum += _shares[place] = (float)DeterministicMath.Exp(liking[_chosen[place]] - top);
        for (var place = first; place < first + _config.ExpertsUsed; place++)
            _shares[place] /= sum;
    }

    private void Run(FeedForwardWeights expert, List<int> choices)
    {
        for (var row = 0; row < choices.Count; row++)
        {
            _work.Normed.Of(choices[row] / _config.ExpertsUsed).CopyTo(_gathered.Of(row));
            if (expert.TakesQuantized)
                _gathered.Quantize(_kernels, row);
        }

        _one.Run(expert, _gathered, choices.Count, _work.Addend);
        for (var row = 0; row < choices.Count; row++)
            _work.Addend.Of(row).CopyTo(_results.Of(choices[row]));
    }

    private void Join(int token)
    {
        _sum.AsSpan().Clear();
        var first = token * _config.ExpertsUsed;
        for (var place = first; place < first + _config.ExpertsUsed; place++)
        {
            var result = _results.Of(place);
            _kernels.Scale(result, _shares[place]);
            _kernels.Add(_sum, result);
        }

        _sum.CopyTo(_work.Addend.Of(token));
    }
}
