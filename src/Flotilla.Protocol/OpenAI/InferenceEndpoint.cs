namespace Flotilla.Protocol.OpenAI;

/// <summary>The API's two text endpoints.</summary>
public enum InferenceEndpoint
{
    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    ChatCompletions,

    /// <summary><c>POST /v1/completions</c>.</summary>
    Completions,
}
