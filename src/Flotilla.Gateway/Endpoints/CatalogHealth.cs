namespace Flotilla.Gateway.Endpoints;

/// <summary>How a model does now.</summary>
/// <param name="Status">available, busy (every slot is taken), offline (no node) or shut_down (its last day is over).</param>
/// <param name="Nodes">Nodes that serve it.</param>
/// <param name="NodesBusy">Of these, without a free slot.</param>
/// <param name="NodesFailing">Of these, passed over for their failures.</param>
/// <param name="MedianLatencyMs">To the first token, over the last streams; null before the first.</param>
internal sealed record CatalogHealth(string Status, int Nodes, int NodesBusy, int NodesFailing, long? MedianLatencyMs);
