namespace Flotilla.Protocol.OpenAI;

/// <summary>What narrows the nodes that may serve a request, in the order in which it is looked at.</summary>
public enum AvailabilityConstraint
{
    /// <summary>No node is there that serves the model.</summary>
    Model,

    /// <summary>Nodes serve the model, none of them this endpoint or a field of the request.</summary>
    Capability,

    /// <summary>None of them lies where the request must stay.</summary>
    Region,

    /// <summary>None of them is one that the request names, or all are among those that it leaves out.</summary>
    Provider,

    /// <summary>None of them is as cheap as the request demands.</summary>
    Price,

    /// <summary>The prompt is longer than the context of every one of them.</summary>
    Context,

    /// <summary>All of them have their hands full.</summary>
    Busy,
}
