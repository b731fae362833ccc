using System.Collections.Frozen;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI.Inputs;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.OpenAI;

/// <summary>One endpoint's way to speak: where it is, how its body is read and how its answer looks.</summary>
public sealed class Dialect
{
    private static readonly FrozenDictionary<InferenceEndpoint, Dialect> Table = new[]
    {
        Of<TextInference>(
            InferenceEndpoint.ChatCompletions, "/v1/chat/completions", "chatcmpl-", ChatRequestReader.TryRead,
            (request, head) => new ChatWholeRenderer(request, head), (request, head) => new ChatStreamRenderer(request, head)),
        Of<TextInference>(
            InferenceEndpoint.Completions, "/v1/completions", "cmpl-", CompletionRequestReader.TryRead,
            (request, head) => new CompletionWholeRenderer(request, head), (request, head) => new CompletionStreamRenderer(request, head)),
        Of<TextInference>(
            InferenceEndpoint.Responses, "/v1/responses", "resp_", ResponsesRequestReader.TryRead,
            (request, head) => new ResponsesWholeRenderer(request, head), (request, head) => new ResponsesStreamRenderer(request, head)),
        Of<TextInference>(
            InferenceEndpoint.Messages, "/v1/messages", "msg_", MessagesRequestReader.TryRead,
            (_, head) => new MessagesWholeRenderer(head), (_, head) => new MessagesStreamRenderer(head)),
        Of<EmbedInference>(InferenceEndpoint.Embeddings, "/v1/embeddings", "embd-", EmbedRequestReader.TryRead, (request, head) => new EmbedWholeRenderer(request, head)),
        Of<RerankInference>(InferenceEndpoint.Rerank, "/v1/rerank", "rerank-", RerankRequestReader.TryRead, (request, head) => new RerankWholeRenderer(request, head)),
        // A guard model's verdict is a chat, see GuardQuestion.
        new Dialect(
            InferenceEndpoint.Moderations, "/v1/moderations", "modr-", Reader<ModerateInference>(ModerateRequestReader.TryRead), readForm: null,
            (request, head) => request is ModerateInference moderation ? new ModerateWholeRenderer(moderation, head) : new GuardWholeRenderer(request, head), stream: null),
        Of<SpeechInference>(
            InferenceEndpoint.Speech, "/v1/audio/speech", "speech_", SpeechRequestReader.TryRead,
            whole: null, (request, _) => new SpeechStreamRenderer(request)),
        OfForm<TranscriptionInference>(
            InferenceEndpoint.Transcriptions, "/v1/audio/transcriptions", "transcript_", TranscriptionRequestReader.TryReadTranscription,
            (request, _) => new TranscriptionWholeRenderer(request), (_, _) => new TranscriptionStreamRenderer()),
        OfForm<TranscriptionInference>(
            InferenceEndpoint.Translations, "/v1/audio/translations", "transcript_", TranscriptionRequestReader.TryReadTranslation,
            (request, _) => new TranscriptionWholeRenderer(request)),
        Of<ImageInference>(
            InferenceEndpoint.ImageGenerations, "/v1/images/generations", "img_", ImageRequestReader.TryRead,
            (request, head) => new ImageWholeRenderer(request, head)),
        OfForm<ImageInference>(
            InferenceEndpoint.ImageEdits, "/v1/images/edits", "img_", ImageRequestReader.TryReadEdit,
            (request, head) => new ImageWholeRenderer(request, head)),
        OfForm<ImageInference>(
            InferenceEndpoint.ImageVariations, "/v1/images/variations", "img_", ImageRequestReader.TryReadVariation,
            (request, head) => new ImageWholeRenderer(request, head)),
        OfDescription(InferenceEndpoint.ImageDescriptions, "/v1/images/description", "img_", DescriptionRequestReader.TryReadImage, DescriptionRequestReader.TryReadImage),
        OfDescription(InferenceEndpoint.VideoDescriptions, "/v1/videos/description", "video_", DescriptionRequestReader.TryReadVideo, DescriptionRequestReader.TryReadVideo),
        // Its answer is a file on the disk.
        Of<VideoInference>(InferenceEndpoint.VideoGenerations, "/v1/videos/generations", "video_", VideoRequestReader.TryRead, whole: null),
    }.ToFrozenDictionary(d => d.Endpoint);

    private readonly BodyReader<InferenceRequest>? _read;
    private readonly FormReader<InferenceRequest>? _readForm;
    private readonly Func<InferenceRequest, AnswerHead, IWholeRenderer>? _whole;
    private readonly Func<InferenceRequest, AnswerHead, IStreamRenderer>? _stream;

    private Dialect(
        InferenceEndpoint endpoint, string path, string idPrefix, BodyReader<InferenceRequest>? read, FormReader<InferenceRequest>? readForm,
        Func<InferenceRequest, AnswerHead, IWholeRenderer>? whole, Func<InferenceRequest, AnswerHead, IStreamRenderer>? stream)
    {
        (Endpoint, Path, IdPrefix) = (endpoint, path, idPrefix);
        (_read, _readForm, _whole, _stream) = (read, readForm, whole, stream);
    }

    private delegate ApiError? BodyReader<T>(ReadOnlyMemory<byte> body, out T? request);

    private delegate ApiError? FormReader<T>(FormBody form, out T? request);

    /// <summary>Every endpoint that makes a job.</summary>
    public static IEnumerable<Dialect> All => Table.Values;

    /// <summary>Which one.</summary>
    public InferenceEndpoint Endpoint { get; }

    /// <summary>The path that is posted to.</summary>
    public string Path { get; }

    /// <summary>What the ids of its answers begin with.</summary>
    public string IdPrefix { get; }

    /// <summary>The endpoint's dialect.</summary>
    public static Dialect Of(InferenceEndpoint endpoint) => Table[endpoint];

    /// <summary>Whether its bodies may be forms, in which files come.</summary>
    public bool ReadsForms => _readForm is not null;

    /// <summary>Whether its bodies may be JSON.</summary>
    public bool ReadsJson => _read is not null;

    /// <summary>Reads and validates a body, where <see cref="ReadsJson"/>; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public ApiError? TryRead(ReadOnlyMemory<byte> body, out InferenceRequest? request) => _read!(body, out request);

    /// <summary>Reads and validates a form, where <see cref="ReadsForms"/>; the bytes of its files are kept.</summary>
    /// <param name="form">The form.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public ApiError? TryRead(FormBody form, out InferenceRequest? request) => _readForm!(form, out request);

    /// <summary>For an answer that is sent when it is whole.</summary>
    public IWholeRenderer Whole(InferenceRequest request, AnswerHead head) =>
        _whole is not null ? _whole(request, head) : throw new InvalidOperationException($"{Path} has none but streamed answers.");

    /// <summary>For an answer that is sent while it grows; only where <see cref="InferenceRequest.Stream"/> can be set.</summary>
    public IStreamRenderer Stream(InferenceRequest request, AnswerHead head) =>
        _stream is not null ? _stream(request, head) : throw new InvalidOperationException($"{Path} has no streamed answer.");

    private static Dialect Of<T>(
        InferenceEndpoint endpoint, string path, string idPrefix, BodyReader<T> read,
        Func<T, AnswerHead, IWholeRenderer>? whole, Func<T, AnswerHead, IStreamRenderer>? stream = null)
        where T : InferenceRequest => new(
            endpoint, path, idPrefix, Reader(read), readForm: null,
            whole is null ? null : (request, head) => whole((T)request, head),
            stream is null ? null : (request, head) => stream((T)request, head));

    private static Dialect OfDescription(InferenceEndpoint endpoint, string path, string idPrefix, BodyReader<TextInference> read, FormReader<TextInference> readForm) =>
        new(endpoint, path, idPrefix, Reader(read), Reader(readForm), (request, head) => new DescriptionWholeRenderer((TextInference)request, head), stream: null);

    private static Dialect OfForm<T>(
        InferenceEndpoint endpoint, string path, string idPrefix, FormReader<T> read,
        Func<T, AnswerHead, IWholeRenderer> whole, Func<T, AnswerHead, IStreamRenderer>? stream = null)
        where T : InferenceRequest => new(
            endpoint, path, idPrefix, read: null, Reader(read),
            (request, head) => whole((T)request, head),
            stream is null ? null : (request, head) => stream((T)request, head));

    private static BodyReader<InferenceRequest> Reader<T>(BodyReader<T> read)
        where T : InferenceRequest => (ReadOnlyMemory<byte> body, out InferenceRequest? request) =>
        {
            var error = read(body, out var typed);
            request = typed;
            return error;
        };

    private static FormReader<InferenceRequest> Reader<T>(FormReader<T> read)
        where T : InferenceRequest => (FormBody form, out InferenceRequest? request) =>
        {
            var error = read(form, out var typed);
            request = typed;
            return error;
        };
}
