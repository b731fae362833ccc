using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>What every runtime may take for granted about a request.</summary>
internal static class RequestCheck
{
    /// <summary>Counts the choices.</summary>
    /// <returns>How many there are, or what is wrong.</returns>
    public static (int Choices, RunFailure? Failure) Choices(TextRequest work)
    {
        if (work.InputCase == TextRequest.InputOneofCase.None)
            return Wrong("messages", "The request has neither messages nor a prompt.");
        if (work.InputCase == TextRequest.InputOneofCase.Chat && work.Chat.Messages.Count == 0)
            return Wrong("messages", "The request has no message.");
        if (work.InputCase == TextRequest.InputOneofCase.Prompts && (work.Prompts.Items.Count == 0 || work.Prompts.Items.Any(p => p.InputCase == Prompt.InputOneofCase.None)))
            return Wrong("prompt", "The request has no prompt, or an empty one.");
        if (work.MaxTokens == 0)
            return Wrong("max_tokens", "max_tokens is 0; at least 1 is needed.");
        if (work.Choices == 0)
            return Wrong("n", "n is 0; at least 1 is needed.");
        var prompts = work.InputCase == TextRequest.InputOneofCase.Prompts ? work.Prompts.Items.Count : 1;
        var choices = (long)prompts * work.Choices;
        return choices <= NodeLimits.ChoicesMax
            ? ((int)choices, null)
            : (0, new RunFailure(Failed.Types.Code.InvalidRequest, $"The request asks for {choices} completions; a node makes at most {NodeLimits.ChoicesMax} in one job.", Retryable: false)
            {
                Param = "n",
                Limit = NodeLimits.ChoicesMax,
                Value = (ulong)choices,
            });
    }

    private static (int Choices, RunFailure? Failure) Wrong(string param, string message) =>
        (0, new RunFailure(Failed.Types.Code.InvalidRequest, message, Retryable: false) { Param = param });
}
