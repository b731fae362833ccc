using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms;

/// <summary>One answer on its way through a form. Where it ends depends on form and answer alone, not on who else follows the form.</summary>
internal sealed class FormFollower(CompiledForm form)
{
    // What the number stands for: it outlives what the form forgets.
    private Automaton.State? _held;
    private int _epoch = -1;
    private int _state;
    private int _followed;
    private string? _failure;

    /// <summary>A follower that has read the beginning of an answer, on the caller's thread and beside what the others use: nobody waits for it.</summary>
    /// <param name="form">The form.</param>
    /// <param name="written">The beginning. Each token may cost what it may where it is drawn, so an answer that came so far is read so far.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static FormFollower Behind(CompiledForm form, IReadOnlyList<int> written, CancellationToken cancellation)
    {
        var behind = new FormFollower(form);
        if (written.Count == 0)
            return behind;
        var reader = new FormFollower(form.Apart());
        try
        {
            while (reader._followed < written.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                reader.Follow(written[reader._followed]);
            }
        }
        catch (FormException exception)
        {
            behind._failure = exception.Message;
        }

        (behind._held, behind._followed) = (reader._held, reader._followed);
        return behind;
    }

    /// <summary>The tokens that may come next, one bit each.</summary>
    /// <param name="tokens">Prompt and answer so far.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    /// <exception cref="GenerationFailedException">The answer so far breaks the form, or no token can follow.</exception>
    public ulong[] Allowed(IReadOnlyList<int> tokens, int promptLength)
    {
        if (_failure is not null)
            throw Failed(_failure);
        try
        {
            while (_followed < tokens.Count - promptLength)
                Follow(tokens[promptLength + _followed]);
            Look();
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

    private void Follow(int token)
    {
        Look();
        form.Allow(TextLimits.FormStepsMax);
        var next = form.After(_state, token);
        if (next == Automaton.Dead)
            throw new FormException("The tokens to resume from break the form that the answer is held to.");
        (_state, _held) = (next, form.Hold(next));
        _followed++;
    }

    /// <summary>Finds its place again where the form has forgotten much.</summary>
    private void Look()
    {
        form.Tidy();
        if (_epoch == form.Epoch)
            return;
        _state = _held is null ? form.Start : form.Bring(_held);
        _epoch = form.Epoch;
    }
}
