namespace Flotilla.Protocol.OpenAI;

/// <summary>What the node that is asked first should be best at. Closed.</summary>
public enum ProviderSort
{
    /// <summary>Nothing but the least expected wait.</summary>
    None,

    /// <summary>The price: a model costs the same on every node, so that this is <see cref="None"/>.</summary>
    Price,

    /// <summary>Measured tokens per second.</summary>
    Throughput,

    /// <summary>Measured time to the first token.</summary>
    Latency,
}
