using System.Collections.Concurrent;
using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;

namespace Flotilla.Gateway.Limits;

/// <summary>The limits of single keys, where an operator has set some. Reads come from memory; a change holds from the next request on.</summary>
internal sealed class KeyLimitBook : IDisposable
{
    private readonly StateStore _state;
    private readonly GatewayOptions _options;
    private readonly ConcurrentDictionary<string, (KeyLimits Set, RateLimits Holding)> _all;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public KeyLimitBook(StateStore state, GatewayOptions options)
    {
        (_state, _options) = (state, options);
        // Once, at the start: every request asks.
        var rows = state.Read(db => db.Query<(string Key, long? Requests, long? Tokens, long? Concurrency)>(
            "SELECT key_id, requests_per_minute, tokens_per_minute, concurrency FROM key_limits").AsList());
        _all = new(rows.Select(r => KeyValuePair.Create(r.Key, Entry(new KeyLimits(r.Requests, r.Tokens, r.Concurrency)))), StringComparer.Ordinal);
    }

    /// <summary>What was set for the key.</summary>
    public KeyLimits SetFor(KeyId key) => _all.TryGetValue(key.Value, out var entry) ? entry.Set : KeyLimits.None;

    /// <summary>What holds for the key; the same object until something else is set.</summary>
    public RateLimits HoldingFor(KeyId key) => _all.TryGetValue(key.Value, out var entry) ? entry.Holding : _options.KeyLimits;

    /// <summary>Sets all three limits of a key; durable when the task ends.</summary>
    public async Task SetAsync(KeyId key, KeyLimits limits)
    {
        // One at a time, so that memory and disk end with the same.
        await _turn.WaitAsync();
        try
        {
            await _state.WriteAsync(db => limits == KeyLimits.None
                ? db.Execute("DELETE FROM key_limits WHERE key_id = @key", new { key = key.Value })
                : db.Execute(
                    "INSERT OR REPLACE INTO key_limits (key_id, requests_per_minute, tokens_per_minute, concurrency) VALUES (@key, @requests, @tokens, @concurrency)",
                    new { key = key.Value, requests = limits.RequestsPerMinute, tokens = limits.TokensPerMinute, concurrency = limits.Concurrency }));
            if (limits == KeyLimits.None)
                _all.TryRemove(key.Value, out _);
            else
                _all[key.Value] = Entry(limits);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private (KeyLimits, RateLimits) Entry(KeyLimits limits) => (limits, limits.Over(_options.KeyLimits));
}
