namespace Flotilla.Testing.Models;

/// <summary>A vocabulary as a model file has it; names as in the file.</summary>
public sealed record SyntheticTokenizer
{
    /// <summary><c>tokenizer.ggml.model</c></summary>
    public required string Model { get; init; }

    /// <summary><c>tokenizer.ggml.pre</c>, or null for none.</summary>
    public string? Pre { get; init; }

    /// <summary>The texts by id.</summary>
    public required IReadOnlyCollection<string> Tokens { get; init; }

    /// <summary>The kinds by id.</summary>
    public required IReadOnlyCollection<int> Types { get; init; }

    /// <summary>The scores by id, or null for none.</summary>
    public IReadOnlyCollection<float>? Scores { get; init; }

    /// <summary>The merges, or null for none.</summary>
    public IReadOnlyCollection<string>? Merges { get; init; }

    /// <summary>Other entries, by what follows <c>tokenizer.ggml.</c>: ids as int, flags as bool, bytes as byte[].</summary>
    public IReadOnlyDictionary<string, object> Extra { get; init; } = new Dictionary<string, object>();

    /// <summary>Writes it.</summary>
    public void AddTo(GgufWriter writer)
    {
        const string prefix = "tokenizer.ggml.";
        writer.Add(prefix + "model", Model);
        if (Pre is not null)
            writer.Add(prefix + "pre", Pre);
        writer.Add(prefix + "tokens", Tokens).Add(prefix + "token_type", Types);
        if (Scores is not null)
            writer.Add(prefix + "scores", Scores);
        if (Merges is not null)
            writer.Add(prefix + "merges", Merges);
        foreach (var (key, value) in Extra)
            writer.Add(prefix + key, value);
    }
}
