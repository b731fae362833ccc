using System.Text.RegularExpressions;

namespace Flotilla.Tidy.Tests;

/// <summary>The rules on text and size. Each is a function from a file to its violations, so that a test can show that it bites.</summary>
public static partial class Rules
{
    /// <summary>Lines a source file may have: the 90th percentile of the C# projects that this one learnt from.</summary>
    public const int FileLinesMax = 400;

    /// <summary>Lines a method may have, from its signature to its last brace: TigerBeetle's limit.</summary>
    public const int MethodLinesMax = 70;

    /// <summary>Files the bedrock may have: it is where everything would otherwise end up.</summary>
    public const int CoreFilesMax = 20;

    /// <summary>Lines a room's README may have: one screen.</summary>
    public const int ReadmeLinesMax = 40;

    private static readonly string[] CodeEndings = [".cs", ".proto", ".sql", ".mjs", ".js", ".ts", ".css", ".razor", ".sh"];

    // Written in pieces, so that this file does not break its own rules.
    private static readonly string[] Hosts =
    [
        "registry.npm" + "js.org", "registry.yarn" + "pkg.com", "api.nu" + "get.org", "pypi" + ".org", "files.python" + "hosted.org",
        "proxy.go" + "lang.org", "deb.deb" + "ian.org", "archive.ubun" + "tu.com",
    ];

    /// <summary>Is this a file that people write code in, of the folders where sizes are held?</summary>
    public static bool IsSized(SourceFile file) =>
        file.Area is "src" or "tests" or "bench" && CodeEndings.Any(ending => file.Path.EndsWith(ending, StringComparison.Ordinal));

    /// <summary>Files longer than <see cref="FileLinesMax"/>.</summary>
    public static IEnumerable<string> LongFile(SourceFile file, IReadOnlyDictionary<string, string> allowed)
    {
        if (file.Lines.Length > FileLinesMax && !allowed.ContainsKey(file.Path))
            yield return $"{file.Path}: {file.Lines.Length} lines, the limit is {FileLinesMax}; split it by duty, or name it in Exceptions.cs with a reason";
    }

    /// <summary>Work left in comments; it belongs in an issue.</summary>
    public static IEnumerable<string> UnfinishedWork(SourceFile file) =>
        Find(file, Unfinished(), match => $"'{match}': do it, or write an issue");

    /// <summary>Package registries: which one serves a build is the machine's choice, not the repository's.</summary>
    public static IEnumerable<string> RegistryHost(SourceFile file) =>
        from line in file.Lines.Index()
        from host in Hosts
        where line.Item.Contains(host, StringComparison.OrdinalIgnoreCase)
        select $"{file.Path}:{line.Index + 1}: names the package registry {host}";

    /// <summary>Paths that exist on one person's machine only.</summary>
    public static IEnumerable<string> HomePath(SourceFile file) =>
        Find(file, Home(), match => $"'{match}' is a path of somebody's machine");

    /// <summary>Banned symbols without the sentence that tells a reader what to use instead.</summary>
    public static IEnumerable<string> BanWithoutReason(SourceFile bans) =>
        from line in bans.Lines.Index()
        where line.Item.Trim().Length > 0
        let parts = line.Item.Split(';', 2)
        where parts.Length < 2 || parts[1].Trim().Length < 10
        select $"{bans.Path}:{line.Index + 1}: '{parts[0]}' is banned without a reason";

    /// <summary>A room's README that is longer than a screen.</summary>
    public static IEnumerable<string> LongReadme(SourceFile readme)
    {
        if (readme.Lines.Length > ReadmeLinesMax)
            yield return $"{readme.Path}: {readme.Lines.Length} lines, the limit is {ReadmeLinesMax}; the rest belongs in docs/";
    }

    private static IEnumerable<string> Find(SourceFile file, Regex pattern, Func<string, string> says) =>
        from line in file.Lines.Index()
        from Match match in pattern.Matches(line.Item)
        select $"{file.Path}:{line.Index + 1}: {says(match.Value)}";

    [GeneratedRegex(@"\b(?:TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.~/$}-])/(?:home|Users|root|work)/\w[\w./-]*|\b[A-Z]:\\Users\\\w+")]
    private static partial Regex Home();
}
