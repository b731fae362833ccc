namespace Flotilla.Gateway.Webhooks;

/// <summary>Something that happened and that somebody wants to hear.</summary>
/// <param name="Id">Names it; every delivery of it, and every attempt, bears this id.</param>
/// <param name="Type">What happened.</param>
/// <param name="CreatedMs">When, in milliseconds since 1970.</param>
/// <param name="Body">The payload, as it is posted.</param>
/// <param name="Listeners">Who wants to hear it; at least one.</param>
internal sealed record WebhookEvent(string Id, string Type, long CreatedMs, byte[] Body, IReadOnlyList<Webhook> Listeners)
{
    /// <summary>Has it delivered, once it is stored.</summary>
    public void Announce()
    {
        foreach (var listener in Listeners)
            listener.Due.Set();
    }
}
