namespace Flotilla.Cli.Bench;

/// <summary>Something that runs a model file and whose speed is measured.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Reads a prompt of so many tokens up to its first logits; the seconds that it took.</summary>
    Task<double> PrefillAsync(int tokens, CancellationToken ct);

    /// <summary>Generates so many tokens in each of several streams at once; the seconds from when all have begun.</summary>
    Task<double> DecodeAsync(int streams, int tokens, CancellationToken ct);
}
