using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms;

/// <summary>
/// A form that answers are held to, with what has been found out about it so far: which tokens are allowed where. Shared by all
/// answers of the same form; for the engine's loop alone.
/// </summary>
internal sealed class CompiledForm(Grammar grammar, TokenTrie tokens)
{
    private readonly Automaton _automaton = new(grammar);
    private readonly Dictionary<int, ulong[]> _masks = [];

    /// <summary>Rises when numbers of states lose their meaning.</summary>
    public int Epoch => _automaton.Epoch;

    /// <summary>How much is kept of what was found, in places of the grammar.</summary>
    public long PlacesKept => _automaton.PlacesKept;

    /// <summary>The state of an answer that has not begun.</summary>
    public int Start => _automaton.Start;

    /// <summary>Bounds what <see cref="After"/> may cost in all until the next call.</summary>
    public void Allow(int steps) => _automaton.Allow(steps);

    /// <summary>The state after a token; <see cref="Automaton.Dead"/> where the form does not allow it.</summary>
    /// <exception cref="FormException">Finding it takes more than was allowed.</exception>
    public int After(int state, int token)
    {
        var bytes = tokens.Visible.BytesOf(token).Span;
        if (bytes.IsEmpty)
            return Automaton.Dead;
        foreach (var value in bytes)
        {
            if (state == Automaton.Dead)
                break;
            state = _automaton.Next(state, value);
        }

        return state;
    }

    /// <summary>A state that can be brought back whenever all numbers have lost their meaning, and to <see cref="Apart"/> and from there.</summary>
    public Automaton.State Hold(int state) => _automaton.Hold(state);

    /// <summary>The number that a state has now.</summary>
    public int Bring(Automaton.State state) => _automaton.Bring(state);

    /// <summary>The same form with nothing found out about it, for another thread.</summary>
    public CompiledForm Apart() => new(grammar, tokens);

    /// <summary>The tokens that may follow, one bit each; all bits 0 where nothing in the vocabulary can.</summary>
    /// <exception cref="FormException">Finding them would keep everybody waiting.</exception>
    public ulong[] Mask(int state)
    {
        if (_masks.TryGetValue(state, out var known))
            return known;
        if ((_masks.Count + 1L) * tokens.MaskWords * sizeof(ulong) > TextLimits.FormMaskBytesKept)
            _masks.Clear();
        Allow(TextLimits.FormStepsMax);
        return _masks[state] = tokens.Mask(_automaton, state);
    }

    /// <summary>Forgets what has become too much to keep; to be called between tokens.</summary>
    public void Tidy()
    {
        if (_automaton.ForgetIfLarge())
            _masks.Clear();
    }
}
