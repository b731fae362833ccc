namespace Flotilla.Gateway;

/// <summary>What an operator says of one namespace.</summary>
public sealed record NamespaceNotes
{
    /// <summary>Where its requests are placed that do not say so themselves, in the words of the header <c>x-region</c>: <c>EU</c>, or <c>EU; strict</c>. Null: anywhere.</summary>
    public string? Region { get; init; }

    /// <summary>Whether models answer it under their other names too. Default: they do.</summary>
    public bool Aliases { get; init; } = true;

    /// <summary>Whether it may ask for videos, which are experimental. Default: it may not.</summary>
    public bool Videos { get; init; }
}
