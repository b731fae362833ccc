namespace Flotilla.Protocol.OpenAI;

/// <summary>A model as <c>/v1/models</c> shows it.</summary>
/// <param name="Id">The canonical id.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="OwnedBy">Who offers it.</param>
/// <param name="Aliases">Other names under which it answers.</param>
/// <param name="ContextTokens">Prompt and completion together; 0 = unknown, and then left out.</param>
/// <param name="Capabilities">What it can do: chat, completion, tool_use, logprobs, ….</param>
/// <param name="Decentral">The object that the Decentral API adds.</param>
/// <param name="Deprecated">Whether its end has been announced.</param>
/// <param name="ShutdownDate">Its first day without service, UTC; null: no end is planned.</param>
public sealed record ModelRow(
    string Id,
    long Created,
    string OwnedBy,
    IReadOnlyList<string> Aliases,
    uint ContextTokens,
    IReadOnlyList<string> Capabilities,
    DecentralModel? Decentral = null,
    bool Deprecated = false,
    DateOnly? ShutdownDate = null);
