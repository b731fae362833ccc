using System.Reflection;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>Where the sources are; the output folder may lie elsewhere.</summary>
public static class Repository
{
    /// <summary>The folder of <c>README.md</c>.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The first code block of the README in this language.</summary>
    public static string ReadmeSample(string language)
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        var fence = $"```{language}\n";
        var start = readme.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
