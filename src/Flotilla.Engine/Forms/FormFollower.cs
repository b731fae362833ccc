using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms;

/// <summary>One answer on its way through a form.</summary>
internal sealed class FormFollower(CompiledForm form)
{
    private int _epoch = -1;
    private int _state;
    private int _followed;

    /// <summary>The tokens that may come next, one bit each.</summary>
    /// <param name="tokens">Prompt and answer so far.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    /// <exception cref="GenerationFailedException">The answer so far breaks the form, or no token can follow.</exception>
    public ulong[] Allowed(IReadOnlyList<int> tokens, int promptLength)
    {
        try
        {
            form.Tidy();
            Follow(tokens, promptLength);
            var mask = form.Mask(_state);
            return mask.AsSpan().ContainsAnyExcept(0UL)
                ? mask
                : throw Failed("No token of the model's vocabulary continues the answer in the form that was asked for.");
        }
        catch (FormException exception)
        {
            throw Failed(exception.Message);
        }
    }

    private static GenerationFailedException Failed(string message) => new(GenerationFailure.FormNotKept, message);

    private void Follow(IReadOnlyList<int> tokens, int promptLength)
    {
        if (_epoch != form.Epoch)
            (_epoch, _state, _followed) = (form.Epoch, form.Start, 0);
        // An answer that is resumed, or whose form has been forgotten, is read again from its beginning, and all others wait for that.
        form.Allow(tokens.Count - promptLength - _followed > 1 ? TextLimits.FormReplayStepsMax : TextLimits.FormStepsMax);
        for (; _followed < tokens.Count - promptLength; _followed++)
        {
            var next = form.After(_state, tokens[promptLength + _followed]);
            if (next == Automaton.Dead)
                throw Failed("The tokens to resume from break the form that the answer is held to.");
            _state = next;
        }
    }
}
