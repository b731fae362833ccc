namespace Flotilla.Protocol.OpenAI;

/// <summary>The endpoints that make jobs; <see cref="Dialect"/> says how each speaks.</summary>
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

    /// <summary><c>POST /v1/embeddings</c>.</summary>
    Embeddings,

    /// <summary><c>POST /v1/rerank</c>.</summary>
    Rerank,

    /// <summary><c>POST /v1/moderations</c>.</summary>
    Moderations,

    /// <summary><c>POST /v1/audio/speech</c>.</summary>
    Speech,

    /// <summary><c>POST /v1/audio/transcriptions</c>.</summary>
    Transcriptions,

    /// <summary><c>POST /v1/audio/translations</c>.</summary>
    Translations,

    /// <summary><c>POST /v1/images/generations</c>.</summary>
    ImageGenerations,

    /// <summary><c>POST /v1/images/edits</c>.</summary>
    ImageEdits,

    /// <summary><c>POST /v1/images/variations</c>.</summary>
    ImageVariations,

    /// <summary><c>POST /v1/images/description</c>: a chat about one picture, for those who have a picture and no chat.</summary>
    ImageDescriptions,

    /// <summary><c>POST /v1/videos/description</c>: a chat about the frames of a video, which another model takes first.</summary>
    VideoDescriptions,

    /// <summary><c>POST /v1/videos/generations</c>, and <c>POST /v1/videos</c>: answered later, always.</summary>
    VideoGenerations,
}
