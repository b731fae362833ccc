using System.Runtime.CompilerServices;

namespace Flotilla.Engine.Templates;

/// <summary>What one rendering may spend: steps, nesting, and the size of any text. All work of the interpreter is charged here.</summary>
internal sealed class TemplateBudget(CancellationToken cancellationToken)
{
    private const int CharsPerStep = 64;
    private const int StepsPerCancellationCheck = 1024;

    private int _steps;
    private int _nextCheck = StepsPerCancellationCheck;
    private int _depth;

    /// <summary>Charges work in proportion to <paramref name="count"/> elements.</summary>
    public void Spend(int count = 1)
    {
        if (count > TextLimits.TemplateStepsMax - _steps)
        {
            throw new TemplateException(
                TemplateError.LimitExceeded, $"Rendering the chat template takes more than {TextLimits.TemplateStepsMax} steps.");
        }
        _steps += count;
        if (_steps >= _nextCheck)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _nextCheck = _steps + StepsPerCancellationCheck;
        }
    }

    /// <summary>Charges the making of a text of this length, and refuses one that is too long; call it before allocating.</summary>
    public void SpendText(long chars)
    {
        CheckText(chars);
        Spend((int)(chars / CharsPerStep) + 1);
    }

    /// <summary>Refuses a text that would be too long.</summary>
    public static void CheckText(long chars)
    {
        if (chars > TextLimits.TemplateOutputCharsMax)
        {
            throw new TemplateException(
                TemplateError.LimitExceeded,
                $"The chat template makes a text of {chars} characters; at most {TextLimits.TemplateOutputCharsMax} are allowed.");
        }
    }

    /// <summary>Enters one level of evaluation; each has its <see cref="Leave"/>, except when an exception ends the rendering.</summary>
    public void Enter()
    {
        // The limit is made for our threads; on a smaller stack, fail as an exception rather than as the process.
        if (++_depth > TextLimits.TemplateEvaluationDepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException(
                TemplateError.LimitExceeded,
                $"Rendering the chat template nests {_depth} levels deep; at most {TextLimits.TemplateEvaluationDepthMax} are allowed, and the stack must hold them.");
        }
        Spend();
    }

    public void Leave() => _depth--;
}
