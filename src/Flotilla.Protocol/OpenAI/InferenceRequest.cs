using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request body that was read and found valid: what every endpoint's has. Each kind of job adds its own.</summary>
public abstract record InferenceRequest
{
    /// <summary>Where it was posted; decides the dialect of the answer.</summary>
    public required InferenceEndpoint Endpoint { get; init; }

    /// <summary>The model as the client names it: an alias is not resolved yet.</summary>
    public required string Model { get; init; }

    /// <summary>The client's seed; a negative one keeps its bits.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether the answer is an event stream.</summary>
    public bool Stream { get; init; }

    /// <summary>What a model must be able to do for this request, beyond <see cref="Capability"/>.</summary>
    public IReadOnlyList<RequestNeed> Needs { get; init; } = [];

    /// <summary>Files that must be fetched before a node gets the request, because their bytes are elsewhere.</summary>
    public IReadOnlyList<RemoteFile> RemoteFiles { get; init; } = [];

    /// <summary>The end user's name as the client gives it (<c>user</c>, else <c>safety_identifier</c>); never sent to a node.</summary>
    public string? User { get; init; }

    /// <summary>The client's own labels; never sent to a node.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Which nodes may serve it.</summary>
    public ProviderPreferences Provider { get; init; } = ProviderPreferences.None;

    /// <summary>The kind of job that it becomes.</summary>
    public abstract JobKind Kind { get; }

    /// <summary>What a node gets: the message of <see cref="Kind"/>.</summary>
    public abstract IMessage Message { get; }

    /// <summary>The word for what a model must be able to do; one of <see cref="Link.Capability"/>.</summary>
    public abstract string Capability { get; }

    /// <summary>The images in <see cref="Message"/> that are URLs.</summary>
    public virtual IEnumerable<Image> Images => [];

    /// <summary>Puts files that were fetched in the places of their URLs.</summary>
    /// <param name="dataUrlOf">The file of a URL as a <c>data:</c> URL; null for what was not fetched.</param>
    public virtual void Place(Func<string, string?> dataUrlOf)
    {
        foreach (var image in Images)
            image.Url = dataUrlOf(image.Url) ?? image.Url;
    }

    /// <summary>An upper bound of the input units, by which the worst case is priced.</summary>
    /// <param name="contextTokens">What the model takes at once.</param>
    public abstract long InputUnitsMax(uint contextTokens);

    /// <summary>An upper bound of the output units over all choices.</summary>
    /// <param name="contextTokens">What the model takes at once.</param>
    public abstract long OutputUnitsMax(uint contextTokens);

    /// <summary>The least output that makes an answer: a unit for each choice, or 0 where output costs nothing.</summary>
    public virtual long OutputUnitsMin => 0;

    /// <summary>Whether nothing of the client's own bounds the output, so that it can be cut to what the balance covers.</summary>
    public virtual bool IsOutputOpen => false;

    /// <summary>Sets the bound of the output to what the hold covers.</summary>
    /// <param name="outputUnits">At most <see cref="OutputUnitsMax"/>, and a multiple of <see cref="OutputUnitsMin"/>.</param>
    public virtual void Allow(long outputUnits)
    {
    }
}
