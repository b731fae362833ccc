using System.Text;
using Flotilla.Engine;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>A job in the engine's words.</summary>
internal static class EngineRequests
{
    private const string AnyObject = """{"type":"object"}""";

    /// <summary>What of a chat the engine cannot take, though a gateway should know from its offer; null where it can take all.</summary>
    public static RunFailure? Unsupported(Chat? chat, ModelInfo model)
    {
        if (chat is null)
            return null;
        if (chat.Messages.Any(m => m.Parts.Count > 0))
            return Lacking("messages", "reads text alone");
        return chat.ReasoningEffort.Length > 0 && !model.TakesReasoningEffort ? Lacking("reasoning_effort", "has no setting for it") : null;
    }

    /// <summary>How much a chat's model shall think; null where that is left to it.</summary>
    public static string? Effort(Chat chat) => chat.ReasoningEffort.Length > 0 ? chat.ReasoningEffort : null;

    /// <summary>A chat as the engine's template takes it.</summary>
    public static (IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ToolDefinition> Tools) Conversation(Chat chat) => ([.. chat.Messages.Select(Message)], Tools(chat));

    private static RunFailure Lacking(string param, string what) =>
        new(Failed.Types.Code.Unsupported, $"'{param}': the model's engine {what}.", Retryable: true) { Param = param };

    /// <summary>One choice of a job.</summary>
    public static GenerationRequest Of(RunRequest job, TextRequest work, int choice)
    {
        var request = new GenerationRequest
        {
            Sampling = Sampling(work.Sampling ?? new Sampling(), job.Seed, choice),
            MaxTokens = (int)Math.Min(work.MaxTokens, int.MaxValue),
            MinTokens = (int)Math.Min(work.MinTokens, int.MaxValue),
            Stop = work.Stop,
            TopLogprobs = work.HasTopLogprobs ? (int)work.TopLogprobs : null,
            // One of a prompt's choices tells of it, for all of them.
            PromptLogprobs = work.HasPromptLogprobs && choice % work.Choices == 0 ? (int)work.PromptLogprobs : null,
            ResumeFrom = job.Resume.TryGetValue((uint)choice, out var resumed) ? [.. resumed.Select(id => checked((int)id))] : [],
            IgnoreEos = work.IgnoreEos,
            // The choices of one prompt share it even where the job shares nothing with others.
            PrefixSalt = !job.PrefixSalt.IsEmpty ? job.PrefixSalt.ToArray() : job.Choices > 1 ? Encoding.UTF8.GetBytes(job.JobId) : null,
        };
        if (work.InputCase == TextRequest.InputOneofCase.Chat)
            return Chatting(request, work);

        var prompt = work.Prompts.Items[choice / (int)work.Choices];
        return prompt.InputCase == Prompt.InputOneofCase.TokenIds
            ? request with { PromptTokens = [.. prompt.TokenIds.Ids.Select(id => checked((int)id))] }
            : request with { Prompt = prompt.Text };
    }

    private static GenerationRequest Chatting(GenerationRequest request, TextRequest work)
    {
        var (chat, form) = (work.Chat, work.Chat.ResponseFormat);
        var (messages, tools) = Conversation(chat);
        return request with
        {
            Messages = messages,
            Tools = tools,
            ReasoningEffort = Effort(chat),
            // Not this node's clock: another one that goes on with the job must see the same prompt.
            Now = work.NowUnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds((long)work.NowUnixMs) : null,
            AnswerSchema = form is null ? null : form.Kind == ResponseFormat.Types.Kind.JsonObject ? AnyObject : form.Schema.Length > 0 ? form.Schema : "true",
            IsSchemaStrict = form is { Kind: ResponseFormat.Types.Kind.JsonSchema, Strict: true },
            ToolUse = new ToolUse
            {
                IsRequired = chat.ToolChoice is Chat.Types.ToolChoice.Required or Chat.Types.ToolChoice.Named,
                Name = chat.ToolChoice == Chat.Types.ToolChoice.Named ? chat.ToolName : null,
                IsSingle = chat is { HasParallelToolCalls: true, ParallelToolCalls: false },
            },
        };
    }

    // OpenAI's newer name for the system's role; chat templates know only the older one.
    private static ChatMessage Message(Message message) => new(message.Role == "developer" ? "system" : message.Role, message.HasContent ? message.Content : null)
    {
        ToolCalls = [.. message.ToolCalls.Select(c => new ChatToolCall(c.Id.Length > 0 ? c.Id : null, c.Name, c.Arguments))],
        ToolCallId = message.ToolCallId.Length > 0 ? message.ToolCallId : null,
        Name = message.Name.Length > 0 ? message.Name : null,
    };

    private static IReadOnlyList<ToolDefinition> Tools(Chat chat) => chat.ToolChoice == Chat.Types.ToolChoice.None
        ? []
        : [.. chat.Tools.Select(t => new ToolDefinition(t.Name, t.Description.Length > 0 ? t.Description : null, t.Parameters.Length > 0 ? t.Parameters : "{}") { IsStrict = t.Strict })];

    private static SamplingOptions Sampling(Sampling sampling, ulong seed, int choice)
    {
        var standard = new SamplingOptions();
        return new SamplingOptions
        {
            Temperature = sampling.HasTemperature ? sampling.Temperature : standard.Temperature,
            TopP = sampling.HasTopP ? sampling.TopP : standard.TopP,
            TopK = sampling.HasTopK ? (int)Math.Min(sampling.TopK, int.MaxValue) : standard.TopK,
            MinP = sampling.HasMinP ? sampling.MinP : standard.MinP,
            PresencePenalty = sampling.HasPresencePenalty ? sampling.PresencePenalty : standard.PresencePenalty,
            FrequencyPenalty = sampling.HasFrequencyPenalty ? sampling.FrequencyPenalty : standard.FrequencyPenalty,
            RepetitionPenalty = sampling.HasRepetitionPenalty ? sampling.RepetitionPenalty : standard.RepetitionPenalty,
            // An id beyond every vocabulary is the engine's to refuse, with its name for it.
            LogitBias = sampling.LogitBias.ToDictionary(b => (int)Math.Min(b.Key, int.MaxValue), b => b.Value),
            Seed = seed,
            Choice = choice,
        };
    }
}
