namespace Flotilla.Protocol.OpenAI;

/// <summary>The endpoints of text, each with a dialect of its own.</summary>
public enum InferenceEndpoint
{
    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    ChatCompletions,

    /// <summary><c>POST /v1/completions</c>.</summary>
    Completions,

    /// <summary><c>POST /v1/messages</c>: Anthropic's form of a chat.</summary>
    Messages,

    /// <summary><c>POST /v1/responses</c>.</summary>
    Responses,
}
