using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Accounts, their namespaces, and the keys that open them. Reads come from memory, as of the last durable change;
/// a change is visible when its task completes.</summary>
public sealed class KeyBook
{
    private const string ClientPrefix = "sk-flt-";
    private const string AdminPrefix = "ak-flt-";
    private readonly LedgerWriter _writer;
    private volatile KeySnapshot _all;

    internal KeyBook(LedgerWriter writer, KeySnapshot all)
    {
        _writer = writer;
        _all = all;
    }

    /// <summary>All accounts, by id.</summary>
    public IReadOnlyList<AccountRecord> Accounts => [.. _all.Accounts.Values.OrderBy(account => account.Id.Value, StringComparer.Ordinal)];

    /// <summary>All namespaces, by id.</summary>
    public IReadOnlyList<NamespaceRecord> Namespaces => [.. _all.Namespaces.Values.OrderBy(one => one.Id.Value, StringComparer.Ordinal)];

    /// <summary>The SHA-256 of a secret as the client sends it: what <see cref="Find"/> takes.</summary>
    public static byte[] HashOf(string secret) => SecretText.Hash(secret);

    /// <summary>Whether a text has the form and checksum of our keys, so that a typing error can be told from a revoked key.</summary>
    public static bool LooksLikeKey(string text) => SecretText.IsWellFormed(text, ClientPrefix) || SecretText.IsWellFormed(text, AdminPrefix);

    /// <summary>Makes an account, with nothing earned.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or has control characters.</exception>
    public Task<AccountId> CreateAccountAsync(string name, CancellationToken ct = default)
    {
        Texts.CheckName(name);
        return ChangeAsync(
            state =>
            {
                var account = new AccountRecord(AccountId.New(state.Ids), name, Now(state));
                using var insert = state.Database.PrepareOnce("INSERT INTO account (id, name, created_us) VALUES (?, ?, ?)");
                insert.Bind(1, account.Id.Value).Bind(2, name).Bind(3, Timestamps.Of(account.Created)).Run();
                state.Accounts.Add(account.Id.Value, AccountRole.Operator);
                return account;
            },
            (all, account) => all.With(account),
            account => account.Id,
            ct);
    }

    /// <summary>Makes a namespace, with an empty balance.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or has control characters.</exception>
    /// <exception cref="KeyNotFoundException">There is no such account.</exception>
    public Task<NamespaceId> CreateNamespaceAsync(AccountId account, string name, CancellationToken ct = default)
    {
        Texts.CheckName(name);
        if (FindAccount(account) is null)
            throw new KeyNotFoundException($"There is no account '{account}'.");
        return ChangeAsync(
            state =>
            {
                var record = new NamespaceRecord(NamespaceId.New(state.Ids), account, name, Now(state));
                using var insert = state.Database.PrepareOnce("INSERT INTO namespace (id, account_id, name, created_us) VALUES (?, ?, ?, ?)");
                insert.Bind(1, record.Id.Value).Bind(2, account.Value).Bind(3, name).Bind(4, Timestamps.Of(record.Created)).Run();
                state.Accounts.Add(record.Id.Value, AccountRole.Customer);
                return record;
            },
            (all, record) => all.With(record),
            record => record.Id,
            ct);
    }

    /// <summary>Makes a key and shows its secret, this once.</summary>
    /// <param name="ns">The namespace of a client key; null for an admin key.</param>
    /// <param name="name">For lists.</param>
    /// <param name="kind">What it opens.</param>
    /// <param name="ct">Observed until the change is queued.</param>
    /// <exception cref="ArgumentException">The name is bad, or the namespace does not fit the kind.</exception>
    /// <exception cref="KeyNotFoundException">There is no such namespace.</exception>
    public Task<NewKey> CreateKeyAsync(NamespaceId? ns, string name, KeyKind kind, CancellationToken ct = default)
    {
        Texts.CheckName(name);
        if (ns is null != (kind == KeyKind.Admin))
            throw new ArgumentException("A client key belongs to one namespace, an admin key to none.", nameof(ns));
        var owner = ns is { } id ? FindNamespace(id) ?? throw new KeyNotFoundException($"There is no namespace '{id}'.") : null;
        return ChangeAsync(
            state =>
            {
                var secret = SecretText.New(kind == KeyKind.Admin ? AdminPrefix : ClientPrefix, state.Ids);
                var key = new KeyRecord(KeyId.New(state.Ids), kind, ns, owner?.Account, name, Now(state), Revoked: null);
                var hash = HashOf(secret);
                using var insert = state.Database.PrepareOnce(
                    "INSERT INTO api_key (id, hash, kind, namespace_id, name, created_us) VALUES (?, ?, ?, ?, ?, ?)");
                insert.Bind(1, key.Id.Value).Bind(2, hash).Bind(3, (long)kind).Bind(4, ns?.Value).Bind(5, name)
                    .Bind(6, Timestamps.Of(key.Created)).Run();
                return (Key: key, Hash: new Digest256(hash), Secret: secret);
            },
            (all, made) => all.With(made.Hash, made.Key),
            made => new NewKey(made.Key.Id, made.Secret),
            ct);
    }

    /// <summary>Shuts a key for ever; when the task completes, <see cref="Find"/> shows it as revoked.</summary>
    /// <returns>False when there is no such key or it was revoked before.</returns>
    public Task<bool> RevokeAsync(KeyId id, CancellationToken ct = default) => ChangeAsync(
        state =>
        {
            var now = Now(state);
            using var update = state.Database.PrepareOnce("UPDATE api_key SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL RETURNING id");
            var revoked = update.Bind(1, Timestamps.Of(now)).Bind(2, id.Value).Step();
            update.Reset();
            return (Revoked: revoked, At: now);
        },
        (all, change) => change.Revoked && all.HashesById.TryGetValue(id.Value, out var hash)
            ? all.With(hash, all.KeysByHash[hash] with { Revoked = change.At })
            : all,
        change => change.Revoked,
        ct);

    /// <summary>The key with this hash, revoked or not; null for a key that was never issued. Reads memory.</summary>
    /// <param name="sha256">32 bytes, see <see cref="HashOf"/>.</param>
    public KeyRecord? Find(ReadOnlySpan<byte> sha256) => _all.KeysByHash.GetValueOrDefault(new Digest256(sha256));

    /// <summary>One account; null when there is none of that id.</summary>
    public AccountRecord? FindAccount(AccountId id) => _all.Accounts.GetValueOrDefault(id.Value);

    /// <summary>One namespace; null when there is none of that id.</summary>
    public NamespaceRecord? FindNamespace(NamespaceId id) => _all.Namespaces.GetValueOrDefault(id.Value);

    /// <summary>The keys of a namespace, or all with null, oldest first.</summary>
    public IReadOnlyList<KeyRecord> List(NamespaceId? ns) =>
        [.. _all.KeysByHash.Values.Where(key => ns is null || key.Namespace == ns)
            .OrderBy(key => key.Created).ThenBy(key => key.Id.Value, StringComparer.Ordinal)];

    private static DateTimeOffset Now(WriterState state) => Timestamps.From(state.NowMicroseconds());

    private async Task<TAnswer> ChangeAsync<TMade, TAnswer>(
        Func<WriterState, TMade> work, Func<KeySnapshot, TMade, KeySnapshot> publish, Func<TMade, TAnswer> answer, CancellationToken ct) =>
        answer(await _writer.RunAsync(work, made => _all = publish(_all, made), ct));
}
