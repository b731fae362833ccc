using Flotilla.Protocol.Link;

namespace Flotilla.Node;

/// <summary>The node's own bounds; those of the wire are in <see cref="LinkLimits"/>.</summary>
internal static class NodeLimits
{
    /// <summary>Gateways one node dials: each is a socket and, on a reconnect, a handshake.</summary>
    public const int GatewaysMax = 16;

    /// <summary>Frames that wait for the socket, over all jobs of a link; beyond it the jobs wait. Several frames for each of 256 busy jobs.</summary>
    public const int OutboxFramesMax = 1024;

    /// <summary>Event bytes gathered into one frame while the socket is busy: an eighth of the frame limit, so that other jobs' frames get in between.</summary>
    public const int EventFrameBytes = 32 * 1024;

    /// <summary>Longest that a gathering job keeps events back: well below the time after which a gateway takes a silent job for stuck.</summary>
    public static readonly TimeSpan GatherTime = TimeSpan.FromSeconds(1);

    /// <summary>Characters of one event's text: at most 3 bytes each in UTF-8, so the event fits <see cref="EventFrameBytes"/>. Longer texts are cut.</summary>
    public const int EventTextCharsMax = 8 * 1024;

    /// <summary>Characters that a text is cut to in the smallest window: shorter pieces would be envelope more than text.</summary>
    public const int EventTextCharsMin = 64;

    /// <summary>Longest single event, for one whose tokens carry many alternatives: the credit window holds two of them.</summary>
    public const int EventBytesMax = LinkLimits.WindowBytes / 2;

    /// <summary>Longest job id: ours have 36 characters.</summary>
    public const int JobIdCharsMax = 64;

    /// <summary>Longest deadline that is kept, 49 days: a .NET timer throws for a longer one, and takes the last value of 32 bits for infinite.</summary>
    public const uint DeadlineMsMax = uint.MaxValue - 1;

    /// <summary>Request bytes of jobs that are still being received, over one link: two of the longest, or eight texts of the longest.</summary>
    public const long AssemblyBytesMax = 2L * LinkLimits.RequestBytesMax;

    /// <summary>Attempts remembered, so that none is done and signed twice; a day's work of a busy node in about half a megabyte.</summary>
    public const int AttemptsRemembered = 4096;

    /// <summary>Longest list of models or error that is read from an upstream; what is longer is cut.</summary>
    public const int UpstreamBodyBytesMax = 1024 * 1024;

    /// <summary>Longest answer about inputs that is read from an upstream: as many bytes as a gateway gathers in one, in base64, and as much again.</summary>
    public const int UpstreamAnswerBytesMax = 64 * 1024 * 1024;

    /// <summary>Longest transcript that is read from an upstream, beside what grows with the sound.</summary>
    public const int TranscriptBytesFree = 1024 * 1024;

    /// <summary>Bytes of a transcript for each second of the sound: three words with their times, four tokens and a share of a segment are half of it.</summary>
    public const int TranscriptBytesPerSecond = 1024;

    /// <summary>Time that an upstream has to make a video where its owner does not say: as long as a gateway's job may take.</summary>
    public static readonly TimeSpan UpstreamVideoTime = TimeSpan.FromSeconds(LinkLimits.AdmissionSecondsMax);

    /// <summary>First pause before an upstream is asked again whether its video is made; each is twice the one before.</summary>
    public static readonly TimeSpan UpstreamPollFirst = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest such pause: OpenAI's guide asks every ten seconds.</summary>
    public static readonly TimeSpan UpstreamPollMax = TimeSpan.FromSeconds(10);

    /// <summary>Answers in a row that may be lost while a video is made: a server that restarts is back by then.</summary>
    public const int UpstreamPollsMissedMax = 3;

    /// <summary>Time to remove a video from an upstream: the job is over, and its slot waits.</summary>
    public static readonly TimeSpan UpstreamRemovalTime = TimeSpan.FromSeconds(5);

    /// <summary>Headers of an upstream's answer, in KiB; the handler's own default is 64.</summary>
    public const int UpstreamHeadersKilobytes = 32;

    /// <summary>Time to connect to an upstream: it is near, or not there.</summary>
    public static readonly TimeSpan UpstreamConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Age at which a connection to an upstream is replaced, so that a changed DNS entry is noticed.</summary>
    public static readonly TimeSpan UpstreamConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>First pause before dialling again.</summary>
    public static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause before dialling again: a gateway that restarts has its nodes back within half a minute.</summary>
    public static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a session counts as stable, so that the next pause is the shortest again.</summary>
    public static readonly TimeSpan StableSession = TimeSpan.FromSeconds(30);

    /// <summary>Pause after a refusal that only a person can lift: a minute is soon enough once they have, and cheap until then.</summary>
    public static readonly TimeSpan RefusedRetry = TimeSpan.FromMinutes(1);

    /// <summary>Time for the last frames and the closing handshake of a link.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Shortest and longest heartbeat that a gateway may ask for.</summary>
    public static readonly TimeSpan HeartbeatMin = TimeSpan.FromMilliseconds(100), HeartbeatMax = TimeSpan.FromMinutes(1);

    /// <summary>Time between two looks at each runtime.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(15);

    /// <summary>Time one look may take: a list of models is a small answer.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longest command file: a few programs and some hundred voices are some ten KiB.</summary>
    public const int CommandFileBytesMax = 256 * 1024;

    /// <summary>Programs of one command: make, convert, and one to spare.</summary>
    public const int CommandProgramsMax = 4;

    /// <summary>Longest that a command may be allowed, a day: as long as a result is kept.</summary>
    public const int CommandSecondsMax = 24 * 60 * 60;

    /// <summary>Most that a command may be allowed of memory, disk or output, in MiB: a tebibyte, beyond which the number is a slip.</summary>
    public const int CommandMegabytesMax = 1024 * 1024;

    /// <summary>Most processes that a command may be allowed.</summary>
    public const int CommandProcessesMax = 4096;

    /// <summary>Files that one program may have open; models are one or a few.</summary>
    public const int CommandFilesMax = 256;

    /// <summary>Bytes read from a program at once: what a pipe of Linux holds.</summary>
    public const int CommandPipeBytes = 64 * 1024;

    /// <summary>Words of a choice that an error names; the rest is an ellipsis.</summary>
    public const int WordsShown = 24;

    /// <summary>Longest line of a transcribing program: several minutes without a pause.</summary>
    public const int TranscriptLineBytesMax = 32 * 1024;

    /// <summary>Characters of one segment of a transcript.</summary>
    public const int SegmentCharsMax = EventTextCharsMax;

    /// <summary>Tokens of a prompt in one event: with twenty alternatives each, all of the longest that vocabularies have, an event is below half of the window.</summary>
    public const int PromptTokensPerEvent = 8;

    /// <summary>Bytes of sound or of a picture in one event, so that other jobs' frames get in between.</summary>
    public const int MediaEventBytes = EventFrameBytes - 1024;

    /// <summary>Time between two signs that a silent job goes on: a gateway waits for a minute.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks at what a command's programs have become: a bomb of processes grows for no longer.</summary>
    public static readonly TimeSpan CommandWatchInterval = TimeSpan.FromMilliseconds(250);
}
