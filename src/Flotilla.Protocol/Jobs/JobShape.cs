namespace Flotilla.Protocol.Jobs;

/// <summary>What a request lets a node answer.</summary>
public sealed record JobShape
{
    /// <summary>Answers over all inputs: every event's choice is below it.</summary>
    public required int Choices { get; init; }

    /// <summary>Prompts or other inputs: as many times input may be reported before the output.</summary>
    public required int Inputs { get; init; }

    /// <summary>Input units that the request can have at most, over all inputs.</summary>
    public required long InputUnitsMax { get; init; }

    /// <summary>Output units that the answer can have at most, over all choices.</summary>
    public required long OutputUnitsMax { get; init; }

    /// <summary>Output that the answer can have at most over all choices: characters of text, bytes of anything else.</summary>
    public required long OutputMax { get; init; }

    /// <summary>Values that each vector has; 0 where the first decides for all.</summary>
    public int Dimensions { get; init; }

    /// <summary>Answers to each input.</summary>
    public int ChoicesPerInput => Choices / Inputs;

    /// <summary>Alternatives for each token of the prompts, which are to be told before the output; null where they are not.</summary>
    public int? PromptLogprobs { get; init; }

    /// <summary>Log probabilities that a prompt of so many tokens makes, with alternatives, and again in each answer to it; 0 where they are not to be told.</summary>
    public long LogprobsOf(long promptTokens) => PromptLogprobs is { } alternatives ? promptTokens * (alternatives + 1L) * ChoicesPerInput : 0;

    /// <summary>Which tools may and must be called; null where none may.</summary>
    public ToolTerms? Tools { get; init; }

    /// <summary>The texts of which one may have ended a choice.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>The same on a model that takes so many tokens at once: no input can have more.</summary>
    /// <param name="contextTokens">As the model is advertised; 0 where nobody knows.</param>
    public JobShape Within(uint contextTokens) =>
        contextTokens == 0 ? this : this with { InputUnitsMax = Math.Min(InputUnitsMax, (long)contextTokens * Inputs) };
}
