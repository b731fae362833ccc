namespace Flotilla.Node;

/// <summary>What the owner of a node decides.</summary>
public sealed record NodeOptions
{
    /// <summary>The gateways to dial: ws, wss, http or https; the path of the link is added where it is missing.</summary>
    public required IReadOnlyList<Uri> Gateways { get; init; }

    /// <summary>The one-use token that binds this node's key to its operator; needed for the first connection only.</summary>
    public string? JoinToken { get; init; }

    /// <summary>Where the node keeps its key and the keys of the gateways it knows; made where it is missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>A name for people, up to 64 characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>NA, EU, SEA, ME, SA or empty.</summary>
    public string Region { get; init; } = "";

    /// <summary>Jobs that run at once, over all gateways.</summary>
    public int Slots { get; init; } = 16;

    /// <summary>Permits ws and http to hosts other than this machine: prompts then cross the network in the clear.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>Time that running jobs have to finish when the node stops.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromMinutes(10);
}
