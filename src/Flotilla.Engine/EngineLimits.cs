namespace Flotilla.Engine;

/// <summary>Every limit of the engine in one place, each with its origin.</summary>
public static class EngineLimits
{
    /// <summary>Metadata keys in a file. Real files have 20 to 60; llama.cpp's caps are 1 G.</summary>
    public const int MetadataEntriesMax = 4096;

    /// <summary>Bytes of a metadata key: the GGUF specification's own limit.</summary>
    public const int KeyBytesMax = 65_535;

    /// <summary>Bytes of one string in metadata; the longest real ones, chat templates, stay below 100 KiB.</summary>
    public const int StringBytesMax = 16 * 1024 * 1024;

    /// <summary>Elements of one metadata array; the greatest real vocabulary has 262,144 tokens and 514,906 merges.</summary>
    public const int ArrayElementsMax = 4 * 1024 * 1024;

    /// <summary>Tensors in a file: 512 layers of 64 tensors would not reach it.</summary>
    public const int TensorsMax = 65_536;

    /// <summary>Files of a split model. Real ones have up to 60; each is open, with a buffer of 1 MiB, until all are read.</summary>
    public const int SplitFilesMax = 256;

    /// <summary>Bytes of a file from which on what reading it left behind is collected at once: reading so many takes several times as long as collecting.</summary>
    public const long CollectedFileBytesMin = 32 * 1024 * 1024;

    /// <summary>Bytes of a tensor's name: 64 with the terminating zero in ggml, from which the format comes.</summary>
    public const int TensorNameBytesMax = 63;

    /// <summary>Dimensions of a tensor: the GGUF specification's own limit.</summary>
    public const int TensorDimensionsMax = 4;

    /// <summary>Bytes of one tensor: what one span can address.</summary>
    public const long TensorBytesMax = int.MaxValue - 65_536L;

    /// <summary>Alignment of tensor data; the default is 32, the greatest sensible one a huge page.</summary>
    public const int AlignmentMax = 2 * 1024 * 1024;

    /// <summary>Layers; the deepest model in common use has 126. More has overflowed arrays elsewhere (llama.cpp #25821).</summary>
    public const int LayersMax = 512;

    /// <summary>Width of the hidden state; the widest model in common use has 16,384.</summary>
    public const int EmbeddingLengthMax = 65_536;

    /// <summary>Width of the feed-forward layer; the widest in common use has 53,248.</summary>
    public const int FeedForwardLengthMax = 262_144;

    /// <summary>Experts of a layer; the most in common use are 512.</summary>
    public const int ExpertsMax = 1024;

    /// <summary>Attention heads of a layer; the most in common use are 128.</summary>
    public const int HeadsMax = 1024;

    /// <summary>Width of an attention head; the widest in common use is 256.</summary>
    public const int HeadLengthMax = 1024;

    /// <summary>Tokens in a vocabulary; the greatest in common use has 262,144.</summary>
    public const int VocabularyMax = 1024 * 1024;

    /// <summary>Tokens in a context; the longest claim in common use is 10 M, which no memory here would hold.</summary>
    public const int ContextTokensMax = 16 * 1024 * 1024;

    /// <summary>Tokens of a text that an encoder reads, which it computes in one step; the longest context in common use is 8,192, of ModernBERT's and BGE-M3's kind.</summary>
    public const int EncoderTokensMax = 32_768;

    /// <summary>Values of all states of such a text, in its widest place: 1 GiB. BGE-M3's 8,192 tokens of 4,096 values are an eighth.</summary>
    public const int EncoderStatesMax = 256 * 1024 * 1024;

    /// <summary>
    /// Tokens of such a text for which there is always room once it was needed: BERT's context, and that of most encoders; some 60 KB each with
    /// BGE-M3's widths.
    /// </summary>
    public const int WorkspaceTokensKept = 512;

    /// <summary>Steps in a row that must not have needed room for a longer text until it is given up, in an engine that never rests: making it again costs less than one of them.</summary>
    public const int WorkspaceStepsKept = 64;

    /// <summary>Kinds of tokens that an encoder tells apart; BERT has 2, none more.</summary>
    public const int TokenTypesMax = 64;

    /// <summary>Labels of a model that judges pairs; those in common use have 1 or 2.</summary>
    public const int LabelsMax = 1024;

    /// <summary>Sequences that run at once, unless configured: vLLM's CPU guidance starts at 16 to 32 for small machines.</summary>
    public const int SequencesDefault = 16;

    /// <summary>Sequences that run at once, at most.</summary>
    public const int SequencesMax = 1024;

    /// <summary>Sequences that wait, unless configured: about a minute of work for a small machine.</summary>
    public const int QueueDefault = 256;

    /// <summary>Tokens in a step, unless configured: long enough to amortise a weight's way from memory, short enough to cancel in.</summary>
    public const int StepTokensDefault = 64;

    /// <summary>Tokens in a step, at most.</summary>
    public const int StepTokensMax = 4096;

    /// <summary>Tokens guessed at once, unless configured: text that is copied comes in runs of about this length or longer.</summary>
    public const int GuessesDefault = 7;

    /// <summary>Tokens guessed at once, at most: what a step is filled up to.</summary>
    public const int GuessesMax = GuessStepTokens - 1;

    /// <summary>Tokens of a step up to which it is filled with guesses: beyond, a token costs about as much as it would alone.</summary>
    public const int GuessStepTokens = 16;

    /// <summary>Compute threads, at most: beyond it one barrier per matrix costs more than it brings.</summary>
    public const int ThreadsMax = 256;

    /// <summary>
    /// Tokens, of prompt or completion, that a caller may leave unread before its sequence pauses: some seconds of work for a small machine, and
    /// 50 KB where each has 20 alternatives.
    /// </summary>
    public const int EventsUnreadMax = 256;

    /// <summary>Tokens that he may have left unread when a sequence that gave way is computed again: half, so that he has something to read meanwhile and is worth the trouble.</summary>
    public const int EventsUnreadReturn = EventsUnreadMax / 2;

    /// <summary>Stop texts of a request; the OpenAI API allows 4.</summary>
    public const int StopTextsMax = 64;

    /// <summary>Logits of a step that are wanted for log probabilities of prompts: 10 MB of them with the greatest vocabularies, and a step as short as one of as many sequences.</summary>
    public const int PromptLogitsMax = 16;

    /// <summary>Alternatives per token: the OpenAI API's own limit.</summary>
    public const int TopLogprobsMax = 20;
}
