using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.State;

/// <summary>Brings the tables to the newest version: the embedded files <c>Migrations/NNNN_name.sql</c>, in order, each in a transaction.</summary>
internal static class StateMigrations
{
    /// <summary>The versions that this program knows, with their names.</summary>
    public static IReadOnlyList<(int Version, string Name)> All { get; } =
        [.. typeof(StateMigrations).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => (int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name))
            .Order()];

    /// <exception cref="InvalidOperationException">The file was written by a newer version.</exception>
    public static void Run(SqliteConnection database)
    {
        var current = database.ExecuteScalar<long>("PRAGMA user_version");
        if (current > All[^1].Version)
        {
            throw new InvalidOperationException($"'{database.DataSource}' has tables of version {current}; this Flotilla knows version {All[^1].Version}. "
                + "It was written by a newer Flotilla: use that one.");
        }

        foreach (var (version, name) in All.Where(m => m.Version > current))
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {Text(name)}; PRAGMA user_version = {version}; COMMIT"));
    }

    private static string Text(string name)
    {
        using var reader = new StreamReader(typeof(StateMigrations).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
