namespace Flotilla.Protocol.OpenAI;

/// <summary>Which prompt a choice completes.</summary>
internal static class PromptText
{
    /// <summary>The prompt's text; the reader lets no echo of token ids through. Where several models answer, each has all prompts.</summary>
    public static string Of(TextInference request, uint choice) =>
        request.Work.Prompts.Items[(int)(choice / request.Work.Choices) % request.Work.Prompts.Items.Count].Text;
}
