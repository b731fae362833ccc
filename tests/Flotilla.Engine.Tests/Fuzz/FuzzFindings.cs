namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>Inputs that once ended badly, each kept as it was: <c>NAME.gguf</c>, <c>NAME.schema</c>, <c>NAME.pattern</c>, <c>NAME.template</c>.</summary>
internal static class FuzzFindings
{
    public static string Folder { get; } = Path.Combine(Engines.RepositoryRoot, "tests", "Flotilla.Engine.Tests", "Fuzz", "Found");

    /// <summary>The texts of one kind.</summary>
    public static IEnumerable<string> Texts(string kind) => Directory.EnumerateFiles(Folder, "*." + kind).Select(File.ReadAllText);
}
