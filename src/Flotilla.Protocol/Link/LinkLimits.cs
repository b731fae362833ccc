namespace Flotilla.Protocol.Link;

/// <summary>The bounds of the node link; both ends hold them against the other.</summary>
public static class LinkLimits
{
    /// <summary>WebSocket subprotocol of version 1.</summary>
    public const string Subprotocol = "flotilla.v1";

    /// <summary>Path on the gateway that nodes dial.</summary>
    public const string Path = "/link/v1";

    /// <summary>The one link version there is.</summary>
    public const uint Version = 1;

    /// <summary>Longest frame in either direction: bounds the memory one connection can claim before its frame is parsed (security list, item 34).</summary>
    public const int FrameBytesMax = 256 * 1024;

    /// <summary>Request bytes in one Job or JobPart frame: leaves room for the envelope, and lets other jobs' frames pass in between.</summary>
    public const int RequestPartBytesMax = 128 * 1024;

    /// <summary>Longest whole request of a job: OpenAI's 25 MiB for an audio file, and what stands around it. Text has at most the gateway's 8 MiB of body.</summary>
    public const int RequestBytesMax = 32 * 1024 * 1024;

    /// <summary>Bytes of a nonce: as many as the signature's security level asks for.</summary>
    public const int NonceBytes = 32;

    /// <summary>Bytes of a job's salt.</summary>
    public const int SaltBytes = 32;

    /// <summary>Event bytes of one job that may be unanswered; past it the node pauses that job (fault matrix, F22).</summary>
    public const int WindowBytes = 256 * 1024;

    /// <summary>Models one node may advertise: each costs a test job.</summary>
    public const int ModelsMax = 64;

    /// <summary>Jobs one node may claim to run at once.</summary>
    public const int SlotsMax = 1024;

    /// <summary>Voices that one model may advertise: the open models in use have some 60, and those of all models fit a frame.</summary>
    public const int VoicesMax = 128;

    /// <summary>Characters in any name that a node gives: model, runtime, capability, voice, region, software.</summary>
    public const int NameCharsMax = 128;

    /// <summary>Characters of a node's name, which is for people (link.proto, Hello).</summary>
    public const int NodeNameCharsMax = 64;

    /// <summary>Characters of a join token; ours have 56.</summary>
    public const int JoinTokenCharsMax = 256;

    /// <summary>Largest context that a node may claim: sixteen times the longest of any open model today.</summary>
    public const uint ContextTokensMax = 1 << 24;

    /// <summary>Log probabilities of prompts in one job, alternatives included, and again for each completion that repeats them: about 85 MB as JSON, of the 128 MiB that an answer may have.</summary>
    public const long PromptLogprobsMax = 500_000;

    /// <summary>Bytes of one token in a list of log probabilities; vocabularies hold none above 256.</summary>
    public const int TokenBytesMax = 512;

    /// <summary>Fragments without a byte that one message may have (security list, item 34).</summary>
    public const int EmptyFragmentsMax = 64;

    /// <summary>Characters of an error message that a node gives; the rest is cut off.</summary>
    public const int MessageCharsMax = 1024;

    /// <summary>Last millisecond of the year 9999: what a date can show.</summary>
    public const ulong UnixMsMax = 253_402_300_799_999;

    /// <summary>Tokens that a chat template may add to what the request holds; the longest in use add some hundred.</summary>
    public const long TemplateTokensMax = 4096;

    /// <summary>Characters of output that one token can stand for; the longest tokens in use have 256 (runs of blanks).</summary>
    public const long CharsPerTokenMax = 1024;

    /// <summary>Output that needs no token, such as the punctuation that an upstream adds around a tool call.</summary>
    public const long CharsFreeMax = 64 * 1024;

    /// <summary>Changes between text, reasoning and calls within one choice: each may begin an item of the answer; models that think between their calls change some dozen times.</summary>
    public const int TurnsMax = 1024;

    /// <summary>Longest origin: a DNS name of 253 characters, a colon and a port.</summary>
    public const int OriginCharsMax = 259;

    /// <summary>Output of media that needs no unit: the head of a file, and signs of life.</summary>
    public const long MediaBytesFree = 1024 * 1024;

    /// <summary>Bytes of sound that one character of a text can be: a second of it, at the slowest speed, in 16 bits and 44.1 kHz on one channel.</summary>
    public const long SpeechBytesPerCharacterMax = 96 * 1024;

    /// <summary>Least bytes that a second of sound is taken to be in a file: Opus at 4 kbit/s. Jobs.SoundLength knows better of plain samples; a file that holds more is refused.</summary>
    public const int SoundBytesPerSecondMin = 500;

    /// <summary>Characters that can be said in a second, with every word's own time beside: nobody says a hundred.</summary>
    public const long CharsPerSecondMax = 256;

    /// <summary>Words of one segment of a transcript, so that it fits a frame.</summary>
    public const int SegmentWordsMax = 256;

    /// <summary>Bytes of all pictures of one job: four for each pixel that an answer has room for, which is what a PNG has that could not be made smaller.</summary>
    public const long PicturesBytesMax = 4L * OpenAI.OpenAiLimits.PicturesPixelsMax;

    /// <summary>Seconds that a model may claim for its test job: as long as a job may take, which a diffusion on a CPU needs for one picture.</summary>
    public const int AdmissionSecondsMax = 600;

    /// <summary>Bytes that one second of a video can be: 128 Mbit/s, more than cameras write in 4K. All of a video is never in memory.</summary>
    public const long VideoBytesPerSecondMax = 16 * 1024 * 1024;

    /// <summary>Bytes of one frame of a video: three bits for each pixel of <see cref="OpenAI.OpenAiLimits.FrameSideMax"/>, twice what JPEG needs of noise at a usual quality. Sixteen fit a chat, in base64.</summary>
    public const long VideoFrameBytesMax = 256 * 1024;

    /// <summary>Time a connection may take from its opening to the end of the handshake (security list: unauthenticated socket ≤ 10 s).</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Time between Status frames that a gateway asks for.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>Time between two WebSocket pings.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Time that a ping's answer may take (fault matrix, F5).</summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which the other end counts as gone: three heartbeats.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);
}
