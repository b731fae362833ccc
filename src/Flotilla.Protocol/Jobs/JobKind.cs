using System.Collections.Frozen;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.Jobs;

/// <summary>
/// One kind of job on the link: its request, and what the request lets a node answer. Both ends hold a node's events against
/// it, so what a kind is stands in one place.
/// </summary>
public abstract class JobKind
{
    /// <summary>The <see cref="Unit"/> of the kinds that are about text.</summary>
    public const string Tokens = "tokens";

    private static readonly FrozenDictionary<Job.Types.Kind, JobKind> All = new JobKind[]
    {
        TextKind.Instance, EmbedKind.Instance, RerankKind.Instance, ModerateKind.Instance, SpeechKind.Instance, TranscriptionKind.Instance, ImageKind.Instance, VideoKind.Instance, CountKind.Instance, FramesKind.Instance,
    }.ToFrozenDictionary(k => k.Number);

    private static readonly FrozenDictionary<string, JobKind> Doers =
        All.Values.SelectMany(kind => kind.Capabilities.Select(capability => KeyValuePair.Create(capability, kind))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All that this version knows, by their numbers.</summary>
    public static IReadOnlyList<JobKind> Every { get; } = [.. All.Values.OrderBy(k => k.Number)];

    /// <summary>Tokens from tokens.</summary>
    public static JobKind Text => TextKind.Instance;

    /// <summary>Vectors from texts.</summary>
    public static JobKind Embed => EmbedKind.Instance;

    /// <summary>Relevance from a query and documents.</summary>
    public static JobKind Rerank => RerankKind.Instance;

    /// <summary>Categories of harm from texts.</summary>
    public static JobKind Moderate => ModerateKind.Instance;

    /// <summary>Sound from text.</summary>
    public static JobKind Speech => SpeechKind.Instance;

    /// <summary>Text from sound.</summary>
    public static JobKind Transcription => TranscriptionKind.Instance;

    /// <summary>Pictures.</summary>
    public static JobKind Image => ImageKind.Instance;

    /// <summary>The length of a prompt.</summary>
    public static JobKind Count => CountKind.Instance;

    /// <summary>Videos.</summary>
    public static JobKind Video => VideoKind.Instance;

    /// <summary>Pictures out of a video.</summary>
    public static JobKind Frames => FramesKind.Instance;

    /// <summary>The kind's number on the link.</summary>
    public abstract Job.Types.Kind Number { get; }

    /// <summary>The words of <see cref="Model.Capabilities"/> that a model of this kind has at least one of.</summary>
    public abstract IReadOnlyList<string> Capabilities { get; }

    /// <summary>What a price counts, in the plural.</summary>
    public abstract string Unit { get; }

    /// <summary>Whether output is paid for; where not, input alone is.</summary>
    public abstract bool IsOutputPaid { get; }

    /// <summary>The kind that a model with this capability does; null for one that is no kind of job.</summary>
    /// <param name="capability">One of <see cref="Capability"/>.</param>
    public static JobKind? Doing(string capability) => Doers.GetValueOrDefault(capability);

    /// <summary>The kind of that number, or null where this version does not know it.</summary>
    public static JobKind? Of(Job.Types.Kind number) => All.GetValueOrDefault(number);

    /// <summary>Reads a job's request.</summary>
    /// <returns>False for bytes that are no such message.</returns>
    public abstract bool TryRead(ReadOnlySpan<byte> bytes, out IMessage request);

    /// <summary>What is wrong with a request whatever the model, or null: what a runtime may take for granted.</summary>
    public abstract JobFault? Check(IMessage request);

    /// <summary>What a checked request lets a node answer.</summary>
    public abstract JobShape Shape(IMessage request);

    /// <summary>Whether the event is the last of its choice.</summary>
    internal abstract bool Ends(Event item);

    /// <summary>Looks at an event's body, except <see cref="PromptReady"/>, which all kinds share.</summary>
    /// <param name="item">The event.</param>
    /// <param name="shape">From <see cref="Shape"/>.</param>
    /// <param name="size">What it takes from <see cref="JobShape.OutputMax"/>.</param>
    /// <returns>What is wrong, or null.</returns>
    internal abstract string? Body(Event item, JobShape shape, out int size);

    /// <summary>What the events after this one are held against.</summary>
    /// <param name="item">An event that was admitted.</param>
    /// <param name="shape">What it was held against.</param>
    internal virtual JobShape After(Event item, JobShape shape) => shape;

    /// <summary>For a body that the kind does not have.</summary>
    private protected string Foreign(Event item) => $"an event with {item.BodyCase} in a job of kind {Number}";
}
