using System.Buffers;
using System.Text.Json;
using Flotilla.Core;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Who wants to hear what. Where nobody does, as is usual, that costs one look into a dictionary.</summary>
internal sealed class WebhookBook(WebhookTable table, IIdSource ids, TimeProvider time)
{
    private const string EventPrefix = "evt_";
    private readonly Lock _lock = new();
    private volatile Audience _audience = new([]);

    /// <summary>All webhooks now; another object after each change.</summary>
    public Audience Audience => _audience;

    /// <summary>Reads the webhooks of earlier runs, before anything can happen.</summary>
    public void Load() => Change(_ => table.All().Select(row => new Webhook(row, time)));

    /// <summary>Stores a webhook; from when this returns on, what happens is told to it.</summary>
    /// <returns>Null where its namespace has as many as it may.</returns>
    public async Task<Webhook?> TryAddAsync(WebhookRow row, long place)
    {
        if (!await table.TryAddAsync(row, place))
            return null;
        var added = new Webhook(row, time);
        Change(all => all.Append(added));
        return added;
    }

    /// <summary>Forgets a webhook and whatever was to be delivered to it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(NamespaceId owner, string id)
    {
        if (!await table.DeleteAsync(owner, id))
            return false;
        Change(all => all.Where(w => w.Id != id));
        return true;
    }

    /// <summary>What happened, for those who want to hear it; null where nobody does.</summary>
    /// <param name="owner">In which namespace.</param>
    /// <param name="type">What.</param>
    /// <param name="model">The model that it is about, where it is about one.</param>
    /// <param name="data">Writes the object <c>data</c>; called only where somebody hears.</param>
    public WebhookEvent? Event(string owner, string type, string? model, Action<Utf8JsonWriter> data) =>
        _audience.Of(owner) is { Count: > 0 } webhooks ? Event(webhooks.Where(w => w.Hears(type, model)), type, data) : null;

    /// <summary>The same, for some webhooks, whatever they want.</summary>
    public WebhookEvent? Event(IEnumerable<Webhook> listeners, string type, Action<Utf8JsonWriter> data)
    {
        Webhook[] heard = [.. listeners];
        if (heard.Length == 0)
            return null;
        var (id, now) = (ids.Next(EventPrefix), time.GetUtcNow());
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("object", "event");
            json.WriteNumber("created_at", now.ToUnixTimeSeconds());
            json.WriteString("type", type);
            json.WritePropertyName("data");
            data(json);
            json.WriteEndObject();
        }

        return new WebhookEvent(id, type, now.ToUnixTimeMilliseconds(), body.WrittenSpan.ToArray(), heard);
    }

    /// <summary>The object <c>data</c> of OpenAI's events, which name a thing and leave it to be asked for.</summary>
    public static Action<Utf8JsonWriter> Named(string id) => json =>
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteEndObject();
    };

    private void Change(Func<IEnumerable<Webhook>, IEnumerable<Webhook>> change)
    {
        lock (_lock)
            _audience = new Audience(change(_audience.All));
    }
}
