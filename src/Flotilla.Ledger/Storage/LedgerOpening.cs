using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>From a file to an open ledger, on the writer thread: open, check, migrate, begin an epoch, resolve what the last one left.</summary>
internal static class LedgerOpening
{
    public static OpenedLedger Run(LedgerOptions options, TimeProvider time, IIdSource ids)
    {
        Database? database = null;
        try
        {
            database = Database.Open(options.Path);
            var uncleanStop = database.Scalar("SELECT count(*) FROM sqlite_schema") > 0 && Check(database, options.Path);
            Migrator.Run(database, options.Path);
            return Begin(database, options, time, ids, uncleanStop);
        }
        catch (SqliteFailure busy) when (busy.IsBusy)
        {
            database?.Dispose();
            throw new LedgerInUseException(options.Path, busy);
        }
        catch (SqliteFailure failure) when (!failure.IsFull)
        {
            database?.Dispose();
            throw new LedgerUnusableException($"The ledger '{options.Path}' can't be opened: {failure.Message}", failure);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>After an unclean stop, looks through the whole file for damage.</summary>
    /// <returns>Whether the last process ended without closing.</returns>
    private static bool Check(Database database, string path)
    {
        if (database.Scalar("PRAGMA user_version") > 0 && database.Scalar("SELECT value FROM meta WHERE name = 'clean'") != 0)
            return false;
        if (database.QuickCheck() is { Length: > 0 } damage)
            throw new LedgerUnusableException($"The ledger '{path}' is damaged: {damage}. Restore it from a backup.");
        return true;
    }

    private static OpenedLedger Begin(Database database, LedgerOptions options, TimeProvider time, IIdSource ids, bool uncleanStop)
    {
        var epoch = database.Scalar("SELECT value FROM meta WHERE name = 'epoch'") + 1;
        var state = new WriterState(database, time, ids, epoch);
        state.Begin();
        database.Execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'; UPDATE meta SET value = 0 WHERE name = 'clean'");
        if (database.Scalar("SELECT count(*) FROM price") == 0)
            PriceBook.Insert(database, PriceTable.AnyModel, options.DefaultPrice, state.NowMicroseconds());
        var recovery = ResolveHold.VoidAbandoned(state, uncleanStop);
        state.Commit();
        return new OpenedLedger(state, recovery, KeySnapshot.Load(database), JoinTokens.Load(database), PriceBook.Load(database));
    }
}
