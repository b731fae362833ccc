using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>The gateway's own bounds on nodes; those that both ends hold are in <see cref="LinkLimits"/>.</summary>
internal static class NodeLimits
{
    /// <summary>Longest frame before the handshake is done: a Hello with every field at its limit has less than 2 KiB.</summary>
    public const int HelloBytesMax = 4 * 1024;

    /// <summary>Connections that have not proved a key yet: with ten seconds each, more than a fleet of 10,000 needs to come back within a minute.</summary>
    public const int UnauthenticatedMax = 512;

    /// <summary>The same from one address, so that one machine cannot keep all others out.</summary>
    public const int UnauthenticatedPerAddressMax = 128;

    /// <summary>Versions that a Hello may offer; there is one.</summary>
    public const int VersionsMax = 16;

    /// <summary>Capabilities of one model: docs/node-protocol.md names 25, and some kinds of job may come.</summary>
    public const int CapabilitiesMax = 32;

    /// <summary>Models without a node whose names are remembered, so that they answer 503 and not 404. The one that left first is forgotten first.</summary>
    public const int KnownModelsMax = 4096;

    /// <summary>Frames that wait for one node's socket: its slots, each with a job, a cancel and two credits. A node that lets more pile up does not read.</summary>
    public const int OutboxFramesMax = 4 * LinkLimits.SlotsMax;

    /// <summary>Advertise, Status and Drain frames within one <see cref="Tick"/>; a node needs one.</summary>
    public const int ControlFramesPerTickMax = 64;

    /// <summary>Reads that one message may take: 256 KiB in TCP segments of 512 bytes, the smallest in use, twice over.</summary>
    public const int ReadsPerMessageMax = 1024;

    /// <summary>Receive buffer of a connection that gets only small frames: hundreds of events.</summary>
    public const int ReceiveBytes = 8 * 1024;

    /// <summary>Ended attempts that a session remembers, so that a frame still on its way is late and not a violation.</summary>
    public const int EndedAttemptsMax = 1024;

    /// <summary>Event bytes that may come late for one attempt: what its window may have had on the way.</summary>
    public const int LateBytesMax = 2 * LinkLimits.WindowBytes;

    /// <summary>Tokens of an admission test: enough to see that the model speaks.</summary>
    public const uint AdmissionTokens = 8;

    /// <summary>Tries of an admission test while the node says that it is busy.</summary>
    public const int AdmissionTries = 10;

    /// <summary>Failures in a row after which a node is passed over: one may be chance, three are not.</summary>
    public const int FailuresUntilEjection = 3;

    /// <summary>Doublings of <see cref="EjectionTime"/>: up to 320 s, about the longest that Envoy ejects.</summary>
    public const int EjectionDoublingsMax = 5;

    /// <summary>Nodes whose track records are kept: twice the links that a gateway takes.</summary>
    public const int TrackRecordsMax = 4096;

    /// <summary>Models whose pace is kept for one node: as many as it may offer.</summary>
    public const int PacesMax = LinkLimits.ModelsMax;

    /// <summary>Times to a first token over which a model's median is taken.</summary>
    public const int WaitsKept = 64;

    /// <summary>Tokens from which on a job tells a node's speed: fewer may have come in one frame.</summary>
    public const long PaceTokensMin = 16;

    /// <summary>How long a node is passed over the first time; each further time in a row doubles it.</summary>
    public static readonly TimeSpan EjectionTime = TimeSpan.FromSeconds(10);

    /// <summary>Time after which a measured pace no longer counts, so that a node that was slow is tried again.</summary>
    public static readonly TimeSpan PaceLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Time between two looks at a session: revocation must bite within a second (fault matrix, F35).</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    /// <summary>Time that an admission test may take where the node claims no other; at most LinkLimits.AdmissionSecondsMax.</summary>
    public static readonly TimeSpan AdmissionTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Pause before a busy node is tested again.</summary>
    public static readonly TimeSpan AdmissionPause = TimeSpan.FromSeconds(3);

    /// <summary>Time that a node has, after a cancel or past a deadline, to say that the attempt is over. Then its slot counts as free.</summary>
    public static readonly TimeSpan OverdueGrace = TimeSpan.FromSeconds(10);

    /// <summary>Time that one frame may wait for a socket that takes no bytes; as long as a ping's answer (fault matrix, F5).</summary>
    public static readonly TimeSpan SendStallMax = TimeSpan.FromSeconds(10);

    /// <summary>Time for the last frame and the closing handshake.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
}
