using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace Flotilla.Tidy.Tests;

/// <summary>The repository under test: its committed files, and those about to be.</summary>
public static class Repository
{
    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(ListFiles);

    /// <summary>The folder that holds <c>Flotilla.slnx</c>.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Every file that git tracks or would add, as a path relative to <see cref="Root"/> with forward slashes.</summary>
    public static IReadOnlyList<string> Files => AllFiles.Value;

    /// <summary>The text files: those without a NUL in their first bytes, as git itself decides.</summary>
    public static IEnumerable<SourceFile> TextFiles => Files.Select(Read).OfType<SourceFile>();

    /// <summary>The C# files that people write.</summary>
    public static IEnumerable<SourceFile> CSharpFiles => TextFiles.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Reads one file; null when it is binary.</summary>
    public static SourceFile? Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Root, path));
        return bytes.AsSpan(0, Math.Min(bytes.Length, 8000)).Contains((byte)0)
            ? null
            : new SourceFile(path, System.Text.Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Fails the test with one line for each violation.</summary>
    public static void AssertNone(IEnumerable<string> violations, string rule)
    {
        string[] found = [.. violations.Order(StringComparer.Ordinal)];
        Assert.True(found.Length == 0, $"{rule}\n  {string.Join("\n  ", found)}");
    }

    private static string[] ListFiles()
    {
        // A clone on a mounted folder belongs to another user, which git refuses to read unless told.
        ProcessStartInfo start = new("git", ["-c", "safe.directory=*", "-C", Root, "ls-files", "-co", "--exclude-standard", "-z"])
        {
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git ls-files failed: the Tidy tests read the files of a clone.");
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(path => File.Exists(Path.Combine(Root, path)))];
    }
}
