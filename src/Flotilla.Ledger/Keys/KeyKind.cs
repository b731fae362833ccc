namespace Flotilla.Ledger;

/// <summary>What a key opens. The numbers are stored.</summary>
public enum KeyKind
{
    /// <summary>The OpenAI surface, in one namespace: <c>sk-flt-…</c>.</summary>
    Client = 1,

    /// <summary>Administration of the whole gateway: <c>ak-flt-…</c>.</summary>
    Admin = 2,
}
