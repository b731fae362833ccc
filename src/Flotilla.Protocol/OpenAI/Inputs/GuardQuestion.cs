using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Asks a chat model for a verdict as Llama Guard is asked.</summary>
public static class GuardQuestion
{
    // Llama Guard 3's own words; what the categories mean to us is told by GuardAnswer.
    private const string Before =
        """
        Task: Check if there is unsafe content in 'User' messages in conversations according to our safety policy with the below safety categories.

        <BEGIN UNSAFE CONTENT CATEGORIES>
        S1: Violent Crimes.
        S2: Non-Violent Crimes.
        S3: Sex Crimes.
        S4: Child Exploitation.
        S5: Defamation.
        S6: Specialized Advice.
        S7: Privacy.
        S8: Intellectual Property.
        S9: Indiscriminate Weapons.
        S10: Hate.
        S11: Self-Harm.
        S12: Sexual Content.
        S13: Elections.
        S14: Code Interpreter Abuse.
        <END UNSAFE CONTENT CATEGORIES>

        <BEGIN CONVERSATION>

        User:
        """;

    private const string After =
        """


        <END CONVERSATION>

        Provide your safety assessment for ONLY THE LAST User message in the above conversation:
         - First line must read 'safe' or 'unsafe'.
         - If unsafe, a second line must include a comma-separated list of violated categories.
        """;

    /// <summary>The chat.</summary>
    /// <param name="request">With one input.</param>
    /// <param name="write">Whether the prompt is written here; else the model's template holds it.</param>
    public static TextInference Of(ModerateInference request, bool write)
    {
        var work = new TextRequest
        {
            Chat = new Chat { Messages = { Question(request.Work, write) } },
            Sampling = new Sampling { Temperature = 0 },
            MaxTokens = OpenAiLimits.GuardTokensMax,
            Choices = 1,
            Extra = request.Work.Extra,
        };
        return new TextInference
        {
            Endpoint = request.Endpoint,
            Model = request.Model,
            Work = work,
            MaxTokensGiven = true,
            ChoicesTotal = 1,
            PromptBytes = PromptSize.Of(work.Chat) + OpenAiLimits.GuardTemplateAllowance,
            User = request.User,
            Provider = request.Provider,
            Needs = request.Needs,
            RemoteFiles = request.RemoteFiles,
        };
    }

    private static Message Question(ModerateRequest work, bool write)
    {
        var text = write ? $"{Before} {work.Inputs[0]}{After}" : work.Inputs[0];
        if (work.Images.Count == 0)
            return new Message { Role = "user", Content = text };
        var message = new Message { Role = "user" };
        message.Parts.AddRange(work.Images.Select(i => new ContentPart { Image = i }));
        if (text.Length > 0)
            message.Parts.Add(new ContentPart { Text = text });
        return message;
    }
}
