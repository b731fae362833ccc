using System.Runtime.CompilerServices;

namespace Flotilla.Engine.Forms.Grammars;

/// <summary>
/// Reads bytes by a grammar. A state is the set of all places where the grammar may be, found the first time that somebody gets
/// there and numbered; so a byte costs a look into a table. Not for use by several threads at once.
/// </summary>
internal sealed class Automaton
{
    /// <summary>The state from which nothing more is allowed.</summary>
    public const int Dead = -1;

    private readonly Grammar _grammar;
    private readonly List<State> _states = [];
    private readonly Dictionary<long[], int> _ids = new(new SamePlaces());

    // What is to be done when the rule ends: the node to go on at, and the same of the rule around it. States that somebody holds refer to it.
    private List<(int Parent, int Node, int Depth)> _stacks = [];
    private readonly Dictionary<(int Parent, int Node), int> _stackIds = [];
    private readonly HashSet<long> _seen = [];
    private readonly Stack<long> _open = new();
    private readonly List<long> _places = [];
    private readonly List<long> _cuts = [];
    private readonly Dictionary<int, int> _broughtStacks = [];
    private readonly Stack<int> _unbrought = new();
    private int _stepsAllowed;
    private int _stepsLeft;
    private long _reading;

    public Automaton(Grammar grammar)
    {
        _grammar = grammar;
        Forget();
    }

    /// <summary>Rises when all states are forgotten: numbers from before mean nothing any more.</summary>
    public int Epoch { get; private set; }

    /// <summary>The state before the first byte.</summary>
    public int Start { get; private set; }

    /// <summary>Places that the states keep together, and what each says of the classes of bytes.</summary>
    public long PlacesKept { get; private set; }

    /// <summary>
    /// How many places may be visited from now on before reading is refused. Each way from a state by a byte costs its places once, found before or
    /// not: so whether something can be read does not depend on what others have read.
    /// </summary>
    public void Allow(int steps)
    {
        (_stepsAllowed, _stepsLeft) = (steps, steps);
        _reading++;
    }

    /// <summary>Whether nothing more has to follow.</summary>
    public bool IsComplete(int state) => _states[state].IsComplete;

    /// <summary>The state after one more byte; <see cref="Dead"/> where it is not allowed.</summary>
    /// <exception cref="FormException">The grammar is so ambiguous here that reading on would keep everybody waiting.</exception>
    public int Next(int state, byte value)
    {
        ref var move = ref _states[state].Moves[_grammar.ClassOf(value)];
        if (move.Reading == _reading)
            return move.Next;
        if (move.Reading == 0)
        {
            var before = _stepsLeft;
            var found = Find(state, value);
            move = new Move(found, before - _stepsLeft, _reading);
            return found;
        }

        if (move.Cost > _stepsLeft)
            throw TooAmbiguous();
        _stepsLeft -= move.Cost;
        move = move with { Reading = _reading };
        return move.Next;
    }

    /// <summary>The state itself: it means the same when its number no longer does, and to another automaton of the same grammar.</summary>
    public State Hold(int state) => _states[state];

    /// <summary>The number of a state that was held, here and now; finding it costs no steps.</summary>
    public int Bring(State state)
    {
        _places.Clear();
        _broughtStacks.Clear();
        _broughtStacks.Add(0, 0);
        foreach (var place in state.Places.Span)
            _places.Add(Place((int)(place >> 32), BringStack((int)place, state.Stacks)));
        return Number(state.IsComplete);
    }

    /// <summary>Forgets all states if they have become many. Nobody may hold a number over this call without looking at <see cref="Epoch"/>.</summary>
    public bool ForgetIfLarge()
    {
        if (_states.Count < TextLimits.FormStatesKept && PlacesKept < TextLimits.FormPlacesKept && _stacks.Count < 4 * TextLimits.FormStatesKept)
            return false;
        Forget();
        return true;
    }

    private void Forget()
    {
        _states.Clear();
        _ids.Clear();
        _stacks = [];
        _stackIds.Clear();
        PlacesKept = 0;
        Allow(TextLimits.FormStepsMax);
        _stacks.Add((-1, Grammar.Return, 0));
        Epoch++;
        _open.Push(Place(_grammar.Start, 0));
        Start = Close();
    }

    private static long Place(int node, int stack) => ((long)node << 32) | (uint)stack;

    private int Find(int state, byte value)
    {
        foreach (var place in _states[state].Places.Span)
        {
            var node = (int)(place >> 32);
            if (_grammar.Takes(node, value))
                _open.Push(Place(_grammar.Node(node).Next, (int)place));
        }

        return _open.Count == 0 ? Dead : Close();
    }

    /// <summary>Follows everything that needs no byte, and numbers what is found.</summary>
    private int Close()
    {
        bool complete;
        do
        {
            // Behind a cut only it is followed.
            foreach (var cut in _cuts)
                _open.Push(Place(_grammar.Node((int)(cut >> 32)).Next, (int)cut));
            complete = Follow();
        }
        while (_cuts.Count > 0);
        return Number(complete);
    }

    /// <summary>Whether the grammar may end among the places found.</summary>
    private bool Follow()
    {
        _seen.Clear();
        _places.Clear();
        _cuts.Clear();
        var complete = false;
        while (_open.TryPop(out var place))
        {
            if (!_grammar.LeadsOn((int)(place >> 32)) || !_seen.Add(place))
                continue;
            if (--_stepsLeft < 0)
            {
                _open.Clear();
                _cuts.Clear();
                throw TooAmbiguous();
            }

            var (index, stack) = ((int)(place >> 32), (int)place);
            var node = _grammar.Node(index);
            switch (node.Kind)
            {
                case NodeKind.Bytes:
                    _places.Add(place);
                    break;
                case NodeKind.Cut:
                    _cuts.Add(place);
                    break;
                case NodeKind.Either:
                    foreach (var branch in _grammar.Branches(node.Argument))
                        _open.Push(Place(branch, stack));
                    break;
                case NodeKind.Call when Push(stack, node.Next) is { } pushed:
                    _open.Push(Place(_grammar.Entry(node.Argument), pushed));
                    break;
                case NodeKind.Return when stack == 0:
                    complete = true;
                    break;
                case NodeKind.Return:
                    _open.Push(Place(_stacks[stack].Node, _stacks[stack].Parent));
                    break;
            }
        }

        return complete;
    }

    private int Number(bool complete)
    {
        if (_places.Count == 0 && !complete)
            return Dead;
        _places.Sort();
        long[] places = complete ? [.. _places, long.MaxValue] : [.. _places];
        if (_ids.TryGetValue(places, out var known))
            return known;
        var moves = new Move[_grammar.ClassCount];
        _states.Add(new State(places.AsMemory(0, _places.Count), _stacks, moves, complete));
        PlacesKept += places.Length + (moves.Length * Unsafe.SizeOf<Move>() / sizeof(long));
        _ids.Add(places, _states.Count - 1);
        return _states.Count - 1;
    }

    /// <summary>The stack with one more node on it; null where it is full. A call with nothing behind it needs no place.</summary>
    private int? Push(int stack, int node)
    {
        if (node == Grammar.Return)
            return stack;
        if (_stackIds.TryGetValue((stack, node), out var known))
            return known;
        if (_stacks[stack].Depth == TextLimits.FormStackMax)
            return null;
        _stacks.Add((stack, node, _stacks[stack].Depth + 1));
        _stackIds.Add((stack, node), _stacks.Count - 1);
        return _stacks.Count - 1;
    }

    /// <summary>A stack of another table as one of this one's.</summary>
    private int BringStack(int stack, List<(int Parent, int Node, int Depth)> stacks)
    {
        for (; !_broughtStacks.ContainsKey(stack); stack = stacks[stack].Parent)
            _unbrought.Push(stack);
        var brought = _broughtStacks[stack];
        while (_unbrought.TryPop(out var above))
        {
            brought = Push(brought, stacks[above].Node) ?? throw new InvalidOperationException("A stack that was found before is deeper than stacks may be.");
            _broughtStacks.Add(above, brought);
        }

        return brought;
    }

    private FormException TooAmbiguous() =>
        new($"The form is too ambiguous: so many ways to read the same text stand side by side that reading on takes more than {_stepsAllowed} steps.");

    /// <summary>Where the grammar may be.</summary>
    /// <param name="Places">Nodes that wait for a byte, each with its stack.</param>
    /// <param name="Stacks">What the stacks mean.</param>
    /// <param name="Moves">Of each class of bytes, where it leads.</param>
    /// <param name="IsComplete">Whether nothing more has to follow.</param>
    internal sealed record State(ReadOnlyMemory<long> Places, List<(int Parent, int Node, int Depth)> Stacks, Move[] Moves, bool IsComplete);

    /// <param name="Next">The state.</param>
    /// <param name="Cost">Places visited to find it.</param>
    /// <param name="Reading">The latest reading, counted by <see cref="Allow"/>, that went this way; 0 where none has.</param>
    internal readonly record struct Move(int Next, int Cost, long Reading);

    private sealed class SamePlaces : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(long[] places)
        {
            var hash = new HashCode();
            foreach (var place in places)
                hash.Add(place);
            return hash.ToHashCode();
        }
    }
}
