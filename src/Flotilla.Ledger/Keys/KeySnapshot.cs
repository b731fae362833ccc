using System.Collections.Immutable;
using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>All accounts, namespaces and keys at one moment; replaced whole at each change.</summary>
internal sealed record KeySnapshot(
    ImmutableDictionary<string, AccountRecord> Accounts,
    ImmutableDictionary<string, NamespaceRecord> Namespaces,
    ImmutableDictionary<Digest256, KeyRecord> KeysByHash,
    ImmutableDictionary<string, Digest256> HashesById)
{
    public static KeySnapshot Load(Database database)
    {
        var accounts = ImmutableDictionary.CreateBuilder<string, AccountRecord>(StringComparer.Ordinal);
        using var accountRows = database.PrepareOnce("SELECT id, name, created_us FROM account");
        while (accountRows.Step())
            accounts.Add(accountRows.Text(0), new(new(accountRows.Text(0)), accountRows.Text(1), Timestamps.From(accountRows.Int64(2))));

        var namespaces = ImmutableDictionary.CreateBuilder<string, NamespaceRecord>(StringComparer.Ordinal);
        using var rows = database.PrepareOnce("SELECT id, account_id, name, created_us FROM namespace");
        while (rows.Step())
            namespaces.Add(rows.Text(0), new(new(rows.Text(0)), new(rows.Text(1)), rows.Text(2), Timestamps.From(rows.Int64(3))));

        var keys = ImmutableDictionary.CreateBuilder<Digest256, KeyRecord>();
        var hashes = ImmutableDictionary.CreateBuilder<string, Digest256>(StringComparer.Ordinal);
        using var keyRows = database.PrepareOnce("""
            SELECT k.id, k.kind, k.namespace_id, n.account_id, k.name, k.created_us, k.revoked_us, k.hash
            FROM api_key k LEFT JOIN namespace n ON n.id = k.namespace_id
            """);
        while (keyRows.Step())
        {
            var key = new KeyRecord(new(keyRows.Text(0)), (KeyKind)keyRows.Int64(1),
                keyRows.NullableText(2) is { } ns ? new NamespaceId(ns) : null,
                keyRows.NullableText(3) is { } account ? new AccountId(account) : null,
                keyRows.Text(4), Timestamps.From(keyRows.Int64(5)), Timestamps.From(keyRows.NullableInt64(6)));
            var hash = new Digest256(keyRows.Blob(7));
            keys.Add(hash, key);
            hashes.Add(key.Id.Value, hash);
        }

        return new KeySnapshot(accounts.ToImmutable(), namespaces.ToImmutable(), keys.ToImmutable(), hashes.ToImmutable());
    }

    public KeySnapshot With(AccountRecord account) => this with { Accounts = Accounts.Add(account.Id.Value, account) };

    public KeySnapshot With(NamespaceRecord record) => this with { Namespaces = Namespaces.Add(record.Id.Value, record) };

    public KeySnapshot With(Digest256 hash, KeyRecord key) =>
        this with { KeysByHash = KeysByHash.SetItem(hash, key), HashesById = HashesById.SetItem(key.Id.Value, hash) };
}
