using System.Globalization;

namespace Flotilla.Ledger;

/// <summary>Brings a ledger's tables to the newest version: the embedded files <c>Migrations/NNNN_name.sql</c>, in order,
/// each in a transaction.</summary>
internal static class Migrator
{
    /// <exception cref="LedgerUnusableException">The file was written by a newer version.</exception>
    public static void Run(Database database, string path)
    {
        var migrations = All();
        var current = database.Scalar("PRAGMA user_version");
        if (current > migrations[^1].Version)
        {
            throw new LedgerUnusableException($"The ledger '{path}' has tables of version {current}; this Flotilla knows version {migrations[^1].Version}. "
                + "It was written by a newer Flotilla: use that one.");
        }

        foreach (var (version, name) in migrations.Where(m => m.Version > current))
        {
            database.Begin();
            database.Execute(Read(name));
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
            database.Commit();
        }
    }

    private static (int Version, string Name)[] All() =>
        [.. typeof(Migrator).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => (int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name))
            .Order()];

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
