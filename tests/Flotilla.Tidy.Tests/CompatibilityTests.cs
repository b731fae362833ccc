using System.Text.RegularExpressions;
using Xunit;

namespace Flotilla.Tidy.Tests;

/// <summary>Holds docs/compatibility.md: no row is missing, none is without a status, and every test that it names exists.</summary>
public sealed partial class CompatibilityTests
{
    private const string Document = "docs/compatibility.md";

    private static readonly string[] Statuses = ["works: ", "by decision: ", "not yet: "];

    [Fact]
    public void Every_row_is_there_once_with_a_status()
    {
        string[] expected = [.. Rows("R", 28), .. Rows("T", 27), .. Rows("F", 34), .. Rows("D", 41), .. Rows("I", 6)];
        string[][] rows = [.. Table()];

        Assert.Equal(expected, rows.Select(row => row[0]));
        Assert.All(rows, row => Assert.Contains(Statuses, status => row[3].StartsWith(status, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_row_that_works_names_a_test() =>
        Assert.All(Table().Where(row => row[3].StartsWith(Statuses[0], StringComparison.Ordinal)), row => Assert.Matches(TestName(), row[3]));

    [Fact]
    public void Every_test_that_is_named_exists() => Repository.AssertNone(
        Table().SelectMany(row => TestName().Matches(row[3]).Where(match => !Exists(match)).Select(match => $"{row[0]}: {match.Value}")),
        $"Tests that {Document} names and nobody wrote:");

    [Theory]
    [InlineData("`CompatibilityTests.Every_test_that_is_named_exists`", true)]
    [InlineData("`CompatibilityTests.Nobody_wrote_this`", false)]
    [InlineData("`tests/clients/chat.test.mjs`", true)]
    [InlineData("`tests/clients/nobody.test.mjs`", false)]
    public void A_name_without_a_test_is_found(string name, bool exists) => Assert.Equal(exists, Exists(TestName().Match(name)));

    private static IEnumerable<string> Rows(string letter, int count) => Enumerable.Range(1, count).Select(i => letter + i);

    private static IEnumerable<string[]> Table() => Repository.Read(Document)!.Lines
        .Where(line => RowStart().IsMatch(line))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());

    private static bool Exists(Match name) => name.Groups["file"] is { Success: true } file
        ? Repository.Files.Contains(file.Value)
        : Repository.CSharpFiles.Any(source => source.Area == "tests" && source.Text.Contains($"class {name.Groups["type"].Value}", StringComparison.Ordinal)
            && source.Text.Contains($" {name.Groups["method"].Value}(", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| [RTFDI]\d+ \|")]
    private static partial Regex RowStart();

    [GeneratedRegex(@"`(?:(?<file>tests/clients/[\w-]+\.test\.mjs)|(?<type>\w+Tests)\.(?<method>\w+))`")]
    private static partial Regex TestName();
}
