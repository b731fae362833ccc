using System.Globalization;

namespace Flotilla.Ledger.Tests;

/// <summary>Loads a ledger until it is killed or its disk fails, and says on its output what was acknowledged: one line an answer, written after it.</summary>
internal static class LoadChild
{
    public const string Verb = "ledger-load";
    public const string Faulted = "faulted";
    private const int Clients = 8;

    public static int Run(string path)
    {
        try
        {
            RunAsync(path).GetAwaiter().GetResult();
        }
        catch (LedgerFaultedException)
        {
            Say(Faulted);
        }

        return 0;
    }

    private static async Task RunAsync(string path)
    {
        await using var store = await LedgerStore.OpenAsync(new LedgerOptions { Path = path }, TimeProvider.System, SystemIdSource.Instance, default);
        var account = store.Keys.Accounts[0].Id;
        var ns = store.Keys.Namespaces[0].Id;
        Say("ready " + store.Recovery.Epoch.ToString(CultureInfo.InvariantCulture));
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(store, ns, account, client)));
    }

    private static async Task ClientAsync(LedgerStore store, NamespaceId ns, AccountId account, int client)
    {
        for (var turn = client; ; turn++)
        {
            var hold = Requests.Hold(ns, 1_000);
            var held = (await store.Money.HoldAsync(hold, default)).Status;
            if (held != TransferStatus.Created)
                throw new InvalidOperationException($"Client {client} was refused: {held}.");
            Say("hold " + hold.Id);
            var charge = turn % 3 * 300;
            var settle = Requests.Settle(hold, charge, account, charge / 2);
            var settled = (await store.Money.SettleAsync(settle, default)).Status;
            if (settled != TransferStatus.Created)
                throw new InvalidOperationException($"Client {client} was refused: {settled}.");
            Say("settle " + settle.Id);
        }
    }

    private static void Say(string line)
    {
        lock (Console.Out)
            Console.Out.WriteLine(line);
    }
}
