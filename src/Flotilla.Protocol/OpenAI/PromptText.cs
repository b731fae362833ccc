using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Which prompt a choice completes.</summary>
internal static class PromptText
{
    /// <summary>The prompt's text; null where token ids were given, whose text the node tells. Where several models answer, each has all prompts.</summary>
    public static string? Of(TextInference request, uint choice)
    {
        var prompt = request.Work.Prompts.Items[(int)(choice / request.Work.Choices) % request.Work.Prompts.Items.Count];
        return prompt.InputCase == Prompt.InputOneofCase.TokenIds ? null : prompt.Text;
    }
}
