namespace Flotilla.Gateway.Nodes;

/// <summary>A model that a node advertised, and what the gateway makes of it.</summary>
/// <param name="Offer">The model.</param>
/// <param name="State">Whether it is admitted.</param>
/// <param name="Reason">Why not, or not yet; empty when it is.</param>
internal sealed record AdvertisedModel(ModelOffer Offer, AdmissionState State, string Reason);
