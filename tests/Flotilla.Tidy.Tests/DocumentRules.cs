using System.Text.RegularExpressions;

namespace Flotilla.Tidy.Tests;

/// <summary>What the documents point at must be there.</summary>
public static partial class DocumentRules
{
    private static readonly string[] TopFolders = ["src", "tests", "docs", "bench", "models", "eng", ".ci", "deploy"];
    private static readonly string[] FileEndings = [".cs", ".proto", ".sql", ".md", ".csproj", ".mjs", ".py", ".gguf", ".props", ".slnx"];

    /// <summary>
    /// Paths in code spans and targets of links that name nothing in the repository. A path may be given from the root
    /// (<c>src/…</c>), from the document's folder, or by its end (<c>Stages/Hold.cs</c>, <c>Gateway/GatewayLimits.cs</c>).
    /// </summary>
    public static IEnumerable<string> MissingPaths(SourceFile document, IReadOnlyCollection<string> files)
    {
        bool inFence = false;
        foreach ((int index, string line) in document.Lines.Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                inFence = !inFence;
            if (inFence)
                continue;
            foreach (string path in PathsIn(line).Where(path => !Exists(path, document, files)))
                yield return $"{document.Path}:{index + 1}: '{path}' is not in the repository";
        }
    }

    private static IEnumerable<string> PathsIn(string line)
    {
        foreach (Match match in Link().Matches(line))
        {
            string target = match.Groups[1].Value.Split('#')[0];
            if (target.Length > 0 && !target.Contains(':', StringComparison.Ordinal))
                yield return target;
        }
        foreach (Match match in CodeSpan().Matches(line))
        {
            string span = LineSuffix().Replace(match.Groups[1].Value, "").TrimEnd('/');
            if (IsPath(span))
                yield return span;
        }
    }

    private static bool IsPath(string span)
    {
        if (!PathOnly().IsMatch(span))
            return false;
        string first = span.Split('/')[0];
        return (span.Contains('/', StringComparison.Ordinal) && TopFolders.Contains(first))
            || FileEndings.Any(ending => span.EndsWith(ending, StringComparison.Ordinal) && span.Length > ending.Length);
    }

    private static bool Exists(string path, SourceFile document, IReadOnlyCollection<string> files)
    {
        string folder = Path.GetDirectoryName(document.Path)!.Replace('\\', '/');
        string fromDocument = Normalise($"{folder}/{path}");
        string wanted = Normalise(path);
        return files.Any(file =>
            file == wanted || file.StartsWith(wanted + "/", StringComparison.Ordinal)
            || file == fromDocument || file.StartsWith(fromDocument + "/", StringComparison.Ordinal)
            || file.EndsWith("/" + wanted, StringComparison.Ordinal)
            || file.EndsWith("/Flotilla." + wanted, StringComparison.Ordinal));
    }

    private static string Normalise(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".")
                parts.Add(part);
        }
        return string.Join('/', parts);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"(?<=\.\w+):\d+(?:-\d+)?$")]
    private static partial Regex LineSuffix();

    [GeneratedRegex(@"^\.{0,2}/?[\w.-]+(?:/[\w.-]+)*$")]
    private static partial Regex PathOnly();
}
