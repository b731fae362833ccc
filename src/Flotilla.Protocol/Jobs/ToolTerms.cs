using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Which calls of tools a request allows and demands. A name that no tool has is the model's slip, not its node's.</summary>
public sealed record ToolTerms
{
    /// <summary>Calls in one answer: every call's index is below it.</summary>
    public int CallsMax { get; init; } = OpenAiLimits.ToolsMax;

    /// <summary>Whether an answer that ends by itself must have made a call.</summary>
    public bool IsDemanded { get; init; }

    /// <summary>The tool that must be called; empty where any will do.</summary>
    public string Demanded { get; init; } = "";

    /// <summary>What a chat says; null where no tool may be called.</summary>
    public static ToolTerms? Of(Chat? chat) => chat is null || chat.Tools.Count == 0 || chat.ToolChoice == Chat.Types.ToolChoice.None ? null : new ToolTerms
    {
        CallsMax = chat is { HasParallelToolCalls: true, ParallelToolCalls: false } ? 1 : OpenAiLimits.ToolsMax,
        IsDemanded = chat.ToolChoice is Chat.Types.ToolChoice.Required or Chat.Types.ToolChoice.Named,
        Demanded = chat.ToolName,
    };

    /// <summary>Whether the call is one that is demanded.</summary>
    public bool IsMetBy(ToolCallDelta call) => call.Name.Length > 0 && (Demanded.Length == 0 || call.Name == Demanded);

    /// <summary>Whether a demanded call must have come before this end; an answer that was cut off is no proof.</summary>
    public bool IsDueAt(ChoiceDone end) => IsDemanded && end.Finish is (ChoiceDone.Types.Finish.Stop or ChoiceDone.Types.Finish.ToolCalls);
}
