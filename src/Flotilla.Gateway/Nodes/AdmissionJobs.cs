using System.Buffers.Binary;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;

namespace Flotilla.Gateway.Nodes;

/// <summary>The small jobs that a model must do before it gets a client's: one of each kind that it claims.</summary>
internal static class AdmissionJobs
{
    // OpenAI's first; what most servers know.
    private const string VoiceAssumed = "alloy";

    // A PNG of 256 by 256 pixels, all white.
    private const string WhiteSquare =
        "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEAAQAAAAB0CZXLAAAAM0lEQVR42u3KoQEAAAwCIP9/Wk9YXYBMeoggCIIgCIIgCIIgCIIgCIIgCIIgCIIgCMLvMPPS4dI8z/G7AAAAAElFTkSuQmCC";

    // An MP4 file that shows 64 by 64 pixels of one colour for a second.
    private const string StillFilm =
        "AAAAHGZ0eXBpc29tAAACAGlzb21pc28ybXA0MQAAAwttb292AAAAbG12aGQAAAAAAAAAAAAAAAAAAAPoAAAD6AABAAABAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAA"
        + "AAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAACWnRyYWsAAABcdGtoZAAAAAMAAAAAAAAAAAAAAAEAAAAAAAAD6AAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAA"
        + "AAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAQAAAAEAAAAAAACRlZHRzAAAAHGVsc3QAAAAAAAAAAQAAA+gAAAAAAAEAAAAAAdJtZGlhAAAAIG1kaGQAAAAAAAAAAAAAAAAAAEAAAABA"
        + "AFXEAAAAAAAtaGRscgAAAAAAAAAAdmlkZQAAAAAAAAAAAAAAAFZpZGVvSGFuZGxlcgAAAAF9bWluZgAAABR2bWhkAAAAAQAAAAAAAAAAAAAAJGRpbmYAAAAcZHJlZgAAAAAAAAABAAAA"
        + "DHVybCAAAAABAAABPXN0YmwAAADZc3RzZAAAAAAAAAABAAAAyW1wNHYAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAQABAAEgAAABIAAAAAAAAAAEKTGF2YyBtcGVnNAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAY//8AAABPZXNkcwAAAAADgICAPgABAASAgIAwIBEAAAAAAw1AAAACWAWAgIAeAAABsAEAAAG1iRMAAAEAAAABIADEjYgADQIECBRDBoCAgAECAAAAEHBhc3AAAAAB"
        + "AAAAAQAAABRidHJ0AAAAAAADDUAAAAJYAAAAGHN0dHMAAAAAAAAAAQAAAAEAAEAAAAAAHHN0c2MAAAAAAAAAAQAAAAEAAAABAAAAAQAAABRzdHN6AAAAAAAAAEsAAAABAAAAFHN0Y28A"
        + "AAAAAAAAAQAAAzcAAAA9dWR0YQAAADVtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABtZGlyYXBwbAAAAAAAAAAAAAAAAAhpbHN0AAAACGZyZWUAAABTbWRhdAAAAbMAEAcAAAG2FgUYXG2G"
        + "YI8bbfxtt/G2378AAKCRhcbYZgjxtt/G238bbfxtt/G238bbfxtt+wAA4JGFxthmCPG238bbfxtt+w==";

    private static readonly (string Capability, Func<ModelOffer, IMessage> Request)[] Tests =
    [
        (Capability.Chat, _ => Text(new TextRequest { Chat = new Chat { Messages = { new Message { Role = "user", Content = "Hello!" } } } })),
        (Capability.Completion, _ => Text(new TextRequest { Prompts = new Prompts { Items = { new Prompt { Text = "Once upon a time" } } } })),
        (Capability.CountTokens, _ => new CountRequest { Chat = new Chat { Messages = { new Message { Role = "user", Content = "Hello!" } } } }),
        (Capability.Embeddings, _ => new EmbedRequest { Inputs = { new Prompt { Text = "Hello!" } } }),
        (Capability.Rerank, _ => new RerankRequest { Query = "Which one greets?", Documents = { "Hello!", "The weather is fine." } }),
        (Capability.Moderation, _ => new ModerateRequest { Inputs = { "Hello!" } }),
        (Capability.Speech, offer => new SpeechRequest { Input = "Hello!", Voice = offer.Voices.FirstOrDefault(VoiceAssumed), ResponseFormat = SpeechFormats.Default, Speed = 1 }),
        (Capability.Transcription, _ => new TranscriptionRequest { File = Silence(), FileType = "wav" }),
        // Of the model's own size: many know only a few, and none is known to all.
        (Capability.Image, _ => new ImageRequest { Task = ImageRequest.Types.Task.Generate, Prompt = "A boat", Count = 1, OutputFormat = "png" }),
        (Capability.ImageEdit, _ => FromPicture(ImageRequest.Types.Task.Edit, "A boat")),
        (Capability.ImageVariation, _ => FromPicture(ImageRequest.Types.Task.Vary, "")),
        (Capability.Video, _ => new VideoRequest { Prompt = "A boat", Seconds = 1 }),
        (Capability.Frames, _ => new FramesRequest { Video = ByteString.FromBase64(StillFilm), Count = 1 }),
        (Capability.Translation, _ => new TranscriptionRequest { File = Silence(), FileType = "wav", Translate = true }),
    ];

    /// <summary>The capabilities that there is a test for, in words.</summary>
    public static string Capabilities { get; } = string.Join(", ", Tests.Select(t => t.Capability));

    /// <summary>The tests for a model; where one kind has several, the first that fits stands for all.</summary>
    public static IReadOnlyList<(JobKind Kind, IMessage Request)> For(ModelOffer offer) =>
        [.. Tests.Where(t => offer.Capabilities.Contains(t.Capability)).Select(t => (Kind: JobKind.Doing(t.Capability)!, t.Request)).DistinctBy(t => t.Kind).Select(t => (t.Kind, t.Request(offer)))];

    private static TextRequest Text(TextRequest request)
    {
        request.Sampling = new Sampling { Temperature = 0 };
        request.MaxTokens = NodeLimits.AdmissionTokens;
        request.Choices = 1;
        return request;
    }

    private static ImageRequest FromPicture(ImageRequest.Types.Task task, string prompt) => new()
    {
        Task = task, Prompt = prompt, Count = 1, OutputFormat = "png", Images = { ByteString.FromBase64(WhiteSquare) },
    };

    /// <summary>A second of nothing: a WAV file of one channel with 16 bits at 16 kHz.</summary>
    private static ByteString Silence()
    {
        const int Rate = 16_000, HeadBytes = 44;
        var file = new byte[HeadBytes + (Rate * sizeof(short))];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), Rate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 8 * sizeof(short));
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), file.Length - HeadBytes);
        return UnsafeByteOperations.UnsafeWrap(file);
    }
}
