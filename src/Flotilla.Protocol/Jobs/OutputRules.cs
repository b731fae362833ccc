using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Jobs;

/// <summary>
/// Holds the events of one attempt against its request. A gateway closes the link over one that breaks these rules; a node
/// holds them first, where only the job pays, because a model can be talked into almost anything. One event at a time.
/// </summary>
/// <param name="kind">The job's kind.</param>
/// <param name="shape">What its request allows.</param>
public sealed class OutputRules(JobKind kind, JobShape shape)
{
    private readonly bool[] _ended = new bool[shape.Choices];
    private readonly (Event.BodyOneofCase Body, int Count)[] _turns = new (Event.BodyOneofCase, int)[shape.Choices];
    private readonly bool[] _called = new bool[shape.Choices];
    private readonly PromptRules _prompts = new(shape);
    private JobShape _shape = shape;
    private long _output;

    /// <summary>Output units so far.</summary>
    public long Units { get; private set; }

    /// <summary>A choice that has not ended, or -1 where all have.</summary>
    public int Open => Array.IndexOf(_ended, false);

    /// <summary>Takes in an event.</summary>
    /// <param name="item">The event.</param>
    /// <param name="isSilent">Whether it says nothing at all; a node sends no such event, and a gateway takes none.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Admit(Event item, out bool isSilent)
    {
        isSilent = false;
        if (item.Choice >= _ended.Length)
            return $"an event of choice {item.Choice}; the request has {_ended.Length}";
        if (_ended[item.Choice])
            return $"an event of choice {item.Choice} after its end";
        if (item.Tokens.Count > 0 && item.Tokens.Count != item.TokenCount)
            return $"an event with token_count {item.TokenCount} and {item.Tokens.Count} tokens";
        Units += item.TokenCount;
        if (Units > _shape.OutputUnitsMax)
            return $"{Units} tokens where the request allows {_shape.OutputUnitsMax}";
        if (item.BodyCase == Event.BodyOneofCase.PromptReady)
            return _prompts.Ready(item.Choice) ?? Input(item.PromptReady.PromptTokens) ?? _prompts.Expect(item);
        if (item.BodyCase == Event.BodyOneofCase.PromptTokens)
            return _prompts.Tell(item);
        if (_prompts.IsDue(item.Choice))
            return $"output of choice {item.Choice} before all tokens of its prompt";
        if (kind.Body(item, _shape, out var size) is { } wrong)
            return wrong;
        if (size > 0 && Turn(item) is { } restless)
            return restless;
        if (_shape.Tools is { IsDemanded: true } tools && Demand(item, tools) is { } due)
            return due;
        _output += size;
        if (_output > _shape.OutputMax)
            return $"{_output} characters or bytes where {_shape.OutputUnitsMax} tokens can have at most {_shape.OutputMax}";
        _shape = kind.After(item, _shape);
        _ended[item.Choice] = kind.Ends(item);
        // An event of four bytes becomes a hundred in memory, so one that says nothing is no carelessness to pass over.
        isSilent = size == 0 && item.TokenCount == 0 && !_ended[item.Choice];
        return null;
    }

    private string? Demand(Event item, ToolTerms tools)
    {
        if (item.BodyCase == Event.BodyOneofCase.ToolCall)
            _called[item.Choice] |= tools.IsMetBy(item.ToolCall);
        return item.BodyCase == Event.BodyOneofCase.ChoiceDone && tools.IsDueAt(item.ChoiceDone) && !_called[item.Choice]
            ? $"the end of choice {item.Choice} without the tool call that is demanded"
            : null;
    }

    private string? Turn(Event item)
    {
        ref var turn = ref _turns[item.Choice];
        if (turn.Body == item.BodyCase)
            return null;
        turn = (item.BodyCase, turn.Count + 1);
        return turn.Count > LinkLimits.TurnsMax ? $"choice {item.Choice} changing between text, reasoning and calls for the {turn.Count}th time; the limit is {LinkLimits.TurnsMax}" : null;
    }

    /// <summary>What is wrong with a count of input units, or null.</summary>
    public string? Input(uint units) =>
        units > _shape.InputUnitsMax ? $"{units} prompt tokens for a request that can have at most {_shape.InputUnitsMax}" : null;
}
