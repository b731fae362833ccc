using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>
/// What a gateway takes of one attempt's events. It closes the whole link over one that breaks these rules, and a model can be
/// talked into almost anything; so the rules are held here first, where only the job pays. One event at a time.
/// </summary>
internal sealed class EventRules(int choices, long tokensMax, bool isChat)
{
    private readonly bool[] _ended = new bool[choices];
    private long _chars;

    /// <summary>Completion tokens so far.</summary>
    public uint Tokens { get; private set; }

    /// <summary>Whether every choice has ended.</summary>
    public bool Complete => Array.TrueForAll(_ended, e => e);

    /// <summary>Takes in an event.</summary>
    /// <returns>Whether it says anything; one that does not is not sent.</returns>
    /// <exception cref="InvalidOperationException">It breaks a rule, so its runtime is broken.</exception>
    public bool Admit(Event item)
    {
        if (item.Choice >= _ended.Length || _ended[item.Choice])
            throw Broken($"{item.BodyCase} for choice {item.Choice}, which {(item.Choice < _ended.Length ? "has ended" : $"is not below {_ended.Length}")}");
        if (item.BodyCase == Event.BodyOneofCase.ToolCall && !isChat)
            throw Broken("a tool call for a request that is no chat");
        if (item.TokenCount > tokensMax - Tokens || (item.Tokens.Count > 0 && item.Tokens.Count != item.TokenCount))
            throw Broken($"{item.TokenCount} tokens with {item.Tokens.Count} ids, after {Tokens} of at most {tokensMax}");
        var chars = Chars(item);
        _chars += chars;
        if (_chars > NodeLimits.OutputCharsMax(tokensMax))
            throw Broken($"more than the {NodeLimits.OutputCharsMax(tokensMax)} characters that {tokensMax} tokens can have");
        Tokens += item.TokenCount;
        _ended[item.Choice] = item.BodyCase == Event.BodyOneofCase.ChoiceDone;
        return chars > 0 || item.TokenCount > 0 || item.BodyCase is Event.BodyOneofCase.ChoiceDone or Event.BodyOneofCase.PromptReady;
    }

    private static int Chars(Event item) => item.BodyCase switch
    {
        Event.BodyOneofCase.Text => item.Text.Text_.Length,
        Event.BodyOneofCase.Reasoning => item.Reasoning.Text_.Length,
        Event.BodyOneofCase.ToolCall => Chars(item.ToolCall),
        _ => 0,
    };

    private static int Chars(ToolCallDelta call)
    {
        if (call.Index >= NodeLimits.ToolCallsMax || call.Name.Length > LinkLimits.NameCharsMax || (call.Id.Length > 0 && !ModelNames.IsValid(call.Id)))
            throw Broken($"tool call {call.Index} with a name of {call.Name.Length} and an id of {call.Id.Length} characters; at most {NodeLimits.ToolCallsMax} calls, {LinkLimits.NameCharsMax} characters and ids of [A-Za-z0-9._:/@+-] are possible");
        return call.Id.Length + call.Name.Length + call.Arguments.Length;
    }

    private static InvalidOperationException Broken(string what) => new($"The runtime emitted {what}.");
}
