using Flotilla.Core;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Calls;

/// <summary>Callers by what was stored of them.</summary>
internal sealed class Callers(LedgerStore ledger)
{
    /// <summary>The caller to whom this key belongs; null where it was revoked since: then nothing more is done, or charged, in its name.</summary>
    public Caller? Find(NamespaceId owner, KeyId key) =>
        ledger.Keys.List(owner).Any(k => k.Id == key && !k.IsRevoked) ? new Caller(owner, key) : null;
}
