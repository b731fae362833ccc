using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway;

/// <summary>What a new data folder needs before anybody can use it.</summary>
public static class GatewayBootstrap
{
    /// <summary>Makes, in a ledger without namespaces, an account, a namespace with credits, and a key for it.</summary>
    /// <param name="ledger">The ledger of a gateway that runs.</param>
    /// <param name="name">Name of account and namespace.</param>
    /// <param name="credits">What the namespace begins with.</param>
    /// <param name="ids">Source of the funding's id.</param>
    /// <returns>The first account and namespace, made now or earlier.</returns>
    public static async Task<(AccountId Account, NamespaceId Namespace)> EnsureNamespaceAsync(LedgerStore ledger, string name, Credits credits, IIdSource ids)
    {
        if (ledger.Keys.Namespaces.OrderBy(n => n.Created).FirstOrDefault() is { } first)
            return (first.Account, first.Id);
        var account = await ledger.Keys.CreateAccountAsync(name);
        var made = await ledger.Keys.CreateNamespaceAsync(account, name);
        if (credits > Credits.Zero)
        {
            var status = await ledger.Money.FundAsync(
                new FundRequest { Id = TransferId.New(ids), Namespace = made, Amount = credits, Reason = "first credits" }, CancellationToken.None);
            if (!status.IsDone())
                throw new InvalidOperationException($"The first credits of {credits} could not be added: {status}.");
        }

        return (account, made);
    }
}
