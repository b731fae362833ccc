namespace Flotilla.Node.Runtimes;

/// <summary>What the owner of a node says of one model of an upstream, because the server's list does not.</summary>
public sealed record UpstreamModelOptions
{
    /// <summary>What it can do, in the link's words, instead of all else that is known of it; null leaves that as it is.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Its voices: what a client says → what the server calls it; any other is refused. Empty passes every voice on.</summary>
    public IReadOnlyDictionary<string, string> Voices { get; init; } = new Dictionary<string, string>();

    /// <summary>Seconds from a request for sound or pictures until speech begins, or until the answer is whole where it is something else; of a video, until it is made. A gateway's test job is included; null = <see cref="UpstreamOptions.FirstEventTimeout"/>, and ten minutes for a video.</summary>
    public int? Seconds { get; init; }
}
