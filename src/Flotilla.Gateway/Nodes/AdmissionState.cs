namespace Flotilla.Gateway.Nodes;

/// <summary>How far the gateway is with one advertised model. Closed.</summary>
internal enum AdmissionState
{
    /// <summary>Its test job has not ended yet.</summary>
    Waiting,

    /// <summary>It passed.</summary>
    Admitted,

    /// <summary>It failed; the node may advertise it again.</summary>
    Refused,
}
