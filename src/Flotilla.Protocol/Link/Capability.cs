namespace Flotilla.Protocol.Link;

/// <summary>What a node may say that a model can do, in the words of <see cref="Model.Capabilities"/>.</summary>
public static class Capability
{
    /// <summary>Answers chats.</summary>
    public const string Chat = "chat";

    /// <summary>Continues plain texts.</summary>
    public const string Completion = "completion";

    /// <summary>Turns texts into vectors.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>Scores documents by their relevance to a query.</summary>
    public const string Rerank = "rerank";

    /// <summary>Classifies texts by harm.</summary>
    public const string Moderation = "moderation";

    /// <summary>Calls the tools that it is offered.</summary>
    public const string ToolUse = "tool_use";

    /// <summary>Can be held to call a tool, or a certain one.</summary>
    public const string ToolChoice = "tool_choice";

    /// <summary>Can be held to one call in an answer.</summary>
    public const string ParallelToolCalls = "parallel_tool_calls";

    /// <summary>Tells the log probabilities of its tokens.</summary>
    public const string Logprobs = "logprobs";

    /// <summary>Tells the log probabilities of the prompt's tokens.</summary>
    public const string PromptLogprobs = "prompt_logprobs";

    /// <summary>Repeats an answer for the same seed.</summary>
    public const string Seed = "seed";

    /// <summary>Answers with a JSON object where asked to.</summary>
    public const string JsonObject = "json_object";

    /// <summary>Keeps answers, and the arguments of strict tools, to a JSON Schema.</summary>
    public const string StructuredOutputs = "structured_outputs";

    /// <summary>Thinks more or less, as asked.</summary>
    public const string ReasoningEffort = "reasoning_effort";

    /// <summary>Sees images in a chat.</summary>
    public const string Vision = "vision";

    /// <summary>Hears recordings in a chat.</summary>
    public const string AudioInput = "audio_input";

    /// <summary>Reads files in a chat.</summary>
    public const string FileInput = "file_input";

    /// <summary>Tells how many tokens a chat's prompt has.</summary>
    public const string CountTokens = "count_tokens";

    /// <summary>Speaks a text.</summary>
    public const string Speech = "speech";

    /// <summary>Writes down what a sound says.</summary>
    public const string Transcription = "transcription";

    /// <summary>Writes down in English what a sound says in another language.</summary>
    public const string Translation = "translation";

    /// <summary>Makes pictures from words.</summary>
    public const string Image = "image";

    /// <summary>Changes pictures as words say.</summary>
    public const string ImageEdit = "image_edit";

    /// <summary>Makes pictures like another.</summary>
    public const string ImageVariation = "image_variation";

    /// <summary>Makes videos from words.</summary>
    public const string Video = "video";

    /// <summary>Takes pictures out of videos.</summary>
    public const string Frames = "frames";
}
