namespace Flotilla.Tidy.Tests;

/// <summary>One text file of the repository.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Text">Its whole content.</param>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>Its lines, without a last empty one.</summary>
    public string[] Lines { get; } = SplitLines(Text);

    /// <summary>Its first folder: <c>src</c>, <c>tests</c>, …; empty for a file at the root.</summary>
    public string Area => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : "";

    private static string[] SplitLines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');
}
