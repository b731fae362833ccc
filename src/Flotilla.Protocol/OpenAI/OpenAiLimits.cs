namespace Flotilla.Protocol.OpenAI;

/// <summary>The bounds of the OpenAI wire: what a client may ask, and what an upstream may answer.</summary>
public static class OpenAiLimits
{
    /// <summary>Nesting of a JSON body: security list, item 16. The API's own shapes need 6.</summary>
    public const int JsonDepthMax = 64;

    /// <summary>JSON values in one body: a parsed document takes 12 bytes for each, so 12 MiB at most.</summary>
    public const int JsonValuesMax = 1 << 20;

    /// <summary>Bodies up to this length cannot hold too many values to matter and are not counted.</summary>
    public const int UncountedBytesMax = 1 << 20;

    /// <summary>Characters of a model name: as the node link (LinkLimits.NameCharsMax).</summary>
    public const int ModelCharsMax = Link.LinkLimits.NameCharsMax;

    /// <summary>Messages of a chat: security list, item 23.</summary>
    public const int MessagesMax = 2048;

    /// <summary>Content parts of one message: the same order as messages.</summary>
    public const int PartsMax = 2048;

    /// <summary>Tools offered, and tool calls in one assistant message: OpenAI's documented maximum, security list item 23.</summary>
    public const int ToolsMax = 128;

    /// <summary>Characters of a tool's name, a message's name or a tool call's id that a client gives: OpenAI's documented 64 for the first two.</summary>
    public const int NameCharsMax = 64;

    /// <summary>Characters of a called tool's name or id in a conversation that is played back: a model may have invented it.</summary>
    public const int CalledNameCharsMax = 256;

    /// <summary>Bytes of one tool's parameter schema: security list, item 24.</summary>
    public const int SchemaBytesMax = 64 * 1024;

    /// <summary>Nesting of one tool's parameter schema: security list, item 24.</summary>
    public const int SchemaDepthMax = 32;

    /// <summary>best_of: OpenAI's maximum.</summary>
    public const int BestOfMax = 20;

    /// <summary>Choices of one request, over all prompts: OpenAI's maximum of n. The hold covers each, and an answer's bytes are bounded beside it.</summary>
    public const int ChoicesTotalMax = 128;

    /// <summary>Token ids in a prompt, and tokens that may be asked for: no published context is longer.</summary>
    public const int TokensMax = 1 << 24;

    /// <summary>Tokens of a completion where the request gives no number: OpenAI's default for /completions.</summary>
    public const int CompletionTokensDefault = 16;

    /// <summary>Least tokens of a response: OpenAI's minimum for /responses.</summary>
    public const int OutputTokensMin = 16;

    /// <summary>Stop strings: OpenAI's maximum.</summary>
    public const int StopMax = 4;

    /// <summary>Characters of a stop string: security list, item 23.</summary>
    public const int StopCharsMax = 256;

    /// <summary>Alternatives per token in a chat: OpenAI's maximum.</summary>
    public const int TopLogprobsMax = 20;

    /// <summary>Alternatives per token in a completion: OpenAI's maximum.</summary>
    public const int CompletionLogprobsMax = 5;

    /// <summary>Entries of logit_bias: security list, item 23.</summary>
    public const int LogitBiasMax = 1024;

    /// <summary>Largest bias in either direction: OpenAI's.</summary>
    public const double LogitBiasValueMax = 100;

    /// <summary>Largest top_k: beyond every vocabulary in use.</summary>
    public const int TopKMax = 1 << 20;

    /// <summary>Entries of metadata: OpenAI's maximum.</summary>
    public const int MetadataMax = 16;

    /// <summary>Characters of a metadata key: OpenAI's maximum.</summary>
    public const int MetadataKeyCharsMax = 64;

    /// <summary>Characters of a metadata value: OpenAI's maximum.</summary>
    public const int MetadataValueCharsMax = 512;

    /// <summary>Characters of user: OpenAI gives none; as a metadata value.</summary>
    public const int UserCharsMax = 512;

    /// <summary>Characters of safety_identifier and prompt_cache_key: OpenAI's maximum.</summary>
    public const int IdentifierCharsMax = 64;

    /// <summary>Unknown top-level fields that are passed on.</summary>
    public const int ExtraFieldsMax = 32;

    /// <summary>Bytes of unknown top-level fields that are passed on.</summary>
    public const int ExtraBytesMax = 64 * 1024;

    /// <summary>Bytes of prompts that an answer repeats (<c>echo</c>), once in each completion: as many as a body has. An answer is gathered in memory.</summary>
    public const int EchoBytesMax = 8 * 1024 * 1024;

    /// <summary>Texts to embed or to moderate in one request: OpenAI's maximum for embeddings.</summary>
    public const int InputsMax = 2048;

    /// <summary>Values of an embedding: the largest models in use have 8,192, and 32 KiB fit an event of the link.</summary>
    public const int DimensionsMax = 8192;

    /// <summary>Bytes of all vectors of one request: the most inputs with 3,072 values each, OpenAI's largest model. A gateway gathers them before it answers.</summary>
    public const int VectorBytesMax = InputsMax * 3072 * sizeof(float);

    /// <summary>Documents of one reranking: Cohere's recommended maximum.</summary>
    public const int DocumentsMax = 1000;

    /// <summary>Characters of a reranking's query: it is read once more with every document.</summary>
    public const int QueryCharsMax = 32 * 1024;

    /// <summary>Tokens of a guard's answer: one word, and the names of fourteen categories.</summary>
    public const int GuardTokensMax = 64;

    /// <summary>Tokens that a guard's template adds: Llama Guard's policy is some 900 bytes, with its examples less than this.</summary>
    public const int GuardTemplateAllowance = 2048;

    /// <summary>Tokens that a model may add to each text that it embeds, scores or classifies: marks of beginning, end and separation.</summary>
    public const int PerInputAllowance = 8;

    /// <summary>Tokens that a chat template may add per message: the templates in use add 4 to 8 (role markers, line ends).</summary>
    public const int PerMessageAllowance = 16;

    /// <summary>Tokens that a chat template may add per chat: a default system message and the beginning of the answer.</summary>
    public const int PerChatAllowance = 128;

    /// <summary>Tokens that a chat template may add where tools are offered: Qwen's instructions are some 550 bytes.</summary>
    public const int ToolsAllowance = 1024;

    /// <summary>Tokens that a chat template may add per tool: the JSON around name, description and parameters.</summary>
    public const int PerToolAllowance = 96;

    /// <summary>Models that one request may ask: each is a job with a hold of its own.</summary>
    public const int EnsembleModelsMax = 8;

    /// <summary>Names in one list of <c>provider</c>: more than a person writes by hand.</summary>
    public const int ProvidersMax = 64;

    /// <summary>Characters of a name in <c>provider</c>: ids have 37.</summary>
    public const int ProviderCharsMax = 64;

    /// <summary>Dearest price in USD that <c>provider.max_price</c> can name: a hundred times the dearest that a gateway accepts.</summary>
    public const decimal MaxPriceUsdMax = 1_000_000_000;

    /// <summary>Tokens that one image may have in a prompt: the most that Qwen2-VL's preprocessor makes by default; others make fewer.</summary>
    public const int PerImageAllowance = 16384;

    /// <summary>Images, recordings and files of one request: a body has room for some 500 small ones, and every one is decoded by somebody.</summary>
    public const int MediaPartsMax = 64;

    /// <summary>Bytes of a conversation that is continued by its name: as many as a body has that sends all of it.</summary>
    public const int ConversationBytesMax = 8 * 1024 * 1024;

    /// <summary>Characters of a file's name: what file systems allow.</summary>
    public const int FileNameCharsMax = 255;

    /// <summary>Bytes of one event of an upstream's stream: a chunk with 20 alternatives per token is some 4 KiB.</summary>
    public const int UpstreamEventBytesMax = 1024 * 1024;

    /// <summary>Bytes of one event that is made of an upstream's: half a link frame, so that it fits whatever stands around it.</summary>
    public const int UpstreamItemBytesMax = Link.LinkLimits.FrameBytesMax / 2;

    /// <summary>Characters of a word that an upstream heard, with its own times: longer than words of any language.</summary>
    public const int UpstreamWordCharsMax = 100;

    /// <summary>Alternatives read per token from an upstream.</summary>
    public const int UpstreamAlternativesMax = TopLogprobsMax;

    /// <summary>Requests of one batch: OpenAI's.</summary>
    public const int BatchRequestsMax = 50_000;

    /// <summary>Characters of a path of the API; the longest has 29.</summary>
    public const int PathCharsMax = 128;

    /// <summary>Shortest life of a file that its client can ask for: OpenAI's hour.</summary>
    public const int FileExpirySecondsMin = 3_600;

    /// <summary>Longest such life: OpenAI's 30 days.</summary>
    public const int FileExpirySecondsMax = 2_592_000;

    /// <summary>Characters of a text to be spoken, and of instructions how: OpenAI's maximum.</summary>
    public const int SpeechCharsMax = 4096;

    /// <summary>Slowest speech: OpenAI's.</summary>
    public const float SpeedMin = 0.25f;

    /// <summary>Fastest speech: OpenAI's.</summary>
    public const float SpeedMax = 4;

    /// <summary>Bytes of a file of sound: OpenAI's maximum.</summary>
    public const int AudioBytesMax = 25 * 1024 * 1024;

    /// <summary>Characters of a transcription's prompt; Whisper reads its last 224 tokens.</summary>
    public const int AudioPromptCharsMax = 4096;

    /// <summary>Characters of a language: ISO 639 with a region.</summary>
    public const int LanguageCharsMax = 16;

    /// <summary>Pictures in one answer: OpenAI's maximum of n.</summary>
    public const int ImagesMax = 10;

    /// <summary>Pictures in one edit: OpenAI's maximum.</summary>
    public const int InputImagesMax = 16;

    /// <summary>Bytes of a picture that is sent: OpenAI's oldest models take 4 MB, and a whole form has <see cref="FormBytesMax"/>.</summary>
    public const int ImageBytesMax = 20 * 1024 * 1024;

    /// <summary>Pixels of a picture that is sent: 8,000 by 8,000, the most that Anthropic's API takes. A few bytes can say that they are more, and whoever unpacks them pays.</summary>
    public const long ImagePixelsMax = 64_000_000;

    /// <summary>Characters of the words for a picture: OpenAI's maximum.</summary>
    public const int ImagePromptCharsMax = 32_000;

    /// <summary>Pixels of all pictures of one answer: ten of 1536x1024, or two in 4K. An answer is gathered before it is sent, and this is what it has room for in base64.</summary>
    public const int PicturesPixelsMax = 20 * 1024 * 1024;

    /// <summary>Shortest side of a picture.</summary>
    public const int ImageSideMin = 64;

    /// <summary>Longest side of a picture: OpenAI's maximum.</summary>
    public const int ImageSideMax = 3840;

    /// <summary>What a side is a multiple of: OpenAI's rule, and that of the models' grids.</summary>
    public const int ImageSideStep = 16;

    /// <summary>Seconds of a video under <c>seconds</c>: the longest of OpenAI's.</summary>
    public const int VideoSecondsMax = 12;

    /// <summary>Seconds of a video under <c>duration_seconds</c>: FlexAI's, whose field it is.</summary>
    public const int VideoDurationSecondsMax = 5;

    /// <summary>Seconds of a video where its client says nothing: OpenAI's default.</summary>
    public const int VideoSecondsDefault = 4;

    /// <summary>Bytes of a video that is sent: as a file of sound, because forms have room for no more.</summary>
    public const int VideoBytesMax = AudioBytesMax;

    /// <summary>Seconds of a video that is sent: ten minutes, of which a CPU unpacks every picture within the time of a job. In 25 MiB a longer one has less than 50 kbit/s.</summary>
    public const int VideoPlaysSecondsMax = 600;

    /// <summary>Pixels of a video that is sent: cinema's 4K. A few bytes can say that they are more, and whoever unpacks them pays.</summary>
    public const long VideoPixelsMax = 4096 * 2160;

    /// <summary>Frames of a video that a model is shown: each costs up to <see cref="PerImageAllowance"/> tokens, and more than these do not fit the contexts in use.</summary>
    public const int FramesMax = 16;

    /// <summary>The same where a client says nothing.</summary>
    public const int FramesDefault = 8;

    /// <summary>Longest side of a frame: to about this size the models in use bring a picture before they look at it.</summary>
    public const int FrameSideMax = 768;

    /// <summary>Parts of a form: security list, item 17, and the pictures of an edit.</summary>
    public const int FormPartsMax = 16 + InputImagesMax;

    /// <summary>Bytes of a form: a file of sound, and a MiB for what comes beside it.</summary>
    public const int FormBytesMax = AudioBytesMax + (1024 * 1024);

    /// <summary>Characters of a number in a form.</summary>
    public const int FormNumberCharsMax = 32;

    /// <summary>Characters of a webhook's URL: what browsers and proxies commonly take.</summary>
    public const int UrlCharsMax = 2_048;

    /// <summary>Events that one webhook names: all there are, and all families, fit.</summary>
    public const int WebhookEventsMax = 32;

    /// <summary>Models that one webhook names; who has more names none.</summary>
    public const int WebhookModelsMax = 32;

    /// <summary>Bytes of a webhook's secret, at least: Standard Webhooks.</summary>
    public const int WebhookSecretBytesMin = 24;

    /// <summary>Bytes of a webhook's secret, at most: Standard Webhooks.</summary>
    public const int WebhookSecretBytesMax = 64;
}
