using Xunit;

namespace Flotilla.Tidy.Tests;

/// <summary>Each rule finds what it is for: a rule that never fires would pass everywhere.</summary>
public sealed class RuleTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData(70, false)]
    [InlineData(71, true)]
    public void Methods_are_measured_from_signature_to_brace(int lines, bool tooLong)
    {
        string body = string.Concat(Enumerable.Repeat("        Call(\"}\");\n", lines - 3));
        SourceFile file = new("src/A/A.cs", $"/// <summary>{{</summary>\ninternal class A\n{{\n    // }}\n    /// x\n    void M()\n    {{\n{body}    }}\n    void N() {{ }}\n}}\n");
        Assert.Equal(tooLong, CSharpRules.LongMethod(file, Nothing).Any());
    }

    [Fact]
    public void Long_methods_are_found_in_constructors_accessors_operators_and_top_level_statements()
    {
        string body = string.Concat(Enumerable.Repeat("Call();\n", 71));
        SourceFile members = new("src/A/A.cs",
            $"class A {{\n A() {{\n{body}}}\n int P {{ get {{\n{body}return 1; }} }}\n public static A operator +(A a, A b) {{\n{body}return a; }}\n}}\n");
        Assert.Equal(["+", "A", "P.get"],
            CSharpRules.Methods(members).Where(method => method.Lines > 70).Select(method => method.Name.Replace("operator ", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Single(CSharpRules.LongMethod(new SourceFile("src/A/Program.cs", body), Nothing));
    }

    [Theory]
    [InlineData("public class A { } internal class B { }", false)]
    [InlineData("public class A { public class Nested { } }", false)]
    [InlineData("public class A { } public record B;", true)]
    [InlineData("public class A { } public enum B { }", true)]
    [InlineData("public delegate void A(); public interface B { }", true)]
    [InlineData("public class Other { }", true)]
    [InlineData("public class A { } public class A<T> { }", false)]
    public void Public_types_are_counted_and_named(string text, bool violates) =>
        Assert.Equal(violates, CSharpRules.PublicTypes(new SourceFile("src/X/A.Aspect.cs", $"namespace X;\n{text}")).Any());

    [Theory]
    [InlineData("Node", "Ledger", true)]
    [InlineData("Gateway", "Engine", true)]
    [InlineData("Engine", "Protocol", true)]
    [InlineData("Helpers", "Core", true)]
    [InlineData("Node", "Engine", false)]
    [InlineData("Cli", "Gateway", false)]
    public void The_map_refuses_what_it_does_not_name(string room, string reference, bool violates) => Assert.Equal(violates, ReferenceMap.Violations(
        new SourceFile($"src/Flotilla.{room}/Flotilla.{room}.csproj",
            $"<Project><ItemGroup><ProjectReference Include=\"../Flotilla.{reference}/Flotilla.{reference}.csproj\" /></ItemGroup></Project>")).Any());

    [Fact]
    public void The_bedrock_takes_no_package() => Assert.Single(ReferenceMap.Violations(
        new SourceFile("src/Flotilla.Core/Flotilla.Core.csproj", "<Project><ItemGroup><PackageReference Include=\"Dapper\" /></ItemGroup></Project>")));

    [Theory]
    [InlineData("see `src/Flotilla.Core/Credits.cs`", false)]
    [InlineData("see `Credits.cs:12` and `Core/Credits.cs`", false)]
    [InlineData("see [the room](../src/Flotilla.Core/)", false)]
    [InlineData("see `src/Flotilla.Core` and `https://example.com/src/none.cs`", false)]
    [InlineData("run `./flotilla up --data DIR/none`", false)]
    [InlineData("see `src/Flotilla.Core/None.cs`", true)]
    [InlineData("see `Stages/None.cs`", true)]
    [InlineData("see `dits.cs`", true)]
    [InlineData("see [it](none.md)", true)]
    public void Documents_are_read_for_paths(string line, bool violates) =>
        Assert.Equal(violates, DocumentRules.MissingPaths(new SourceFile("docs/a.md", line), ["src/Flotilla.Core/Credits.cs"]).Any());

    [Theory]
    [InlineData("// TO" + "DO: later", true)]
    [InlineData("mastodons", false)]
    public void Unfinished_work_is_found(string line, bool violates) => Assert.Equal(violates, Rules.UnfinishedWork(new SourceFile("a.cs", line)).Any());

    [Theory]
    [InlineData("\"resolved\": \"https://registry.npm" + "js.org/openai\"", true)]
    [InlineData("https://example.com/openai", false)]
    public void Registry_hosts_are_found(string line, bool violates) => Assert.Equal(violates, Rules.RegistryHost(new SourceFile("a.json", line)).Any());

    [Theory]
    [InlineData("cd /ho" + "me/ann/flotilla", true)]
    [InlineData("cd /ro" + "ot/flotilla", true)]
    [InlineData("open C:\\Use" + "rs\\ann", true)]
    [InlineData("GET /v1/ho" + "me/ann", false)]
    [InlineData("~/.flotilla", false)]
    public void Paths_of_one_machine_are_found(string line, bool violates) => Assert.Equal(violates, Rules.HomePath(new SourceFile("a.md", line)).Any());

    [Theory]
    [InlineData("M:System.Guid.NewGuid", true)]
    [InlineData("M:System.Guid.NewGuid; no", true)]
    [InlineData("M:System.Guid.NewGuid; Ids come from IIdSource.", false)]
    public void A_ban_without_a_reason_is_found(string line, bool violates) => Assert.Equal(violates, Rules.BanWithoutReason(new SourceFile("b.txt", line)).Any());

    [Fact]
    public void Long_files_and_READMEs_are_found()
    {
        SourceFile Of(int lines) => new("src/A/README.md", string.Concat(Enumerable.Repeat("x\n", lines)));
        Assert.Empty(Rules.LongFile(Of(400), Nothing));
        Assert.Single(Rules.LongFile(Of(401), Nothing));
        Assert.Empty(Rules.LongReadme(Of(40)));
        Assert.Single(Rules.LongReadme(Of(41)));
    }
}
