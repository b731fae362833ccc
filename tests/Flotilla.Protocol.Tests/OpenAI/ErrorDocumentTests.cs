using System.Text;
using System.Xml.Linq;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Holds docs/errors.md: the table is the enumeration's, with its own sentences.</summary>
public sealed class ErrorDocumentTests
{
    private const string Begin = "<!-- The table is ApiErrorCode's; the tests of Flotilla.Protocol write it and hold it. -->\n";
    private const string End = "<!-- end of the table -->\n";
    private static readonly string Document = Path.Combine(AppContext.BaseDirectory, "errors.md");

    [Fact]
    public void Table_EveryCode_IsInTheDocumentAsTheEnumerationHasIt()
    {
        var text = File.ReadAllText(Document);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end > begin, "docs/errors.md has lost the marks around its table.");
        var right = text[..begin] + Table() + text[end..];
        if (text == right)
            return;
        var proposal = Document + ".new";
        File.WriteAllText(proposal, right);
        Assert.Fail($"docs/errors.md is not what ApiErrorCode says; copy {proposal} over it.");
    }

    [Fact]
    public void Sentences_OfEveryCode_BeginWithItsStatus()
    {
        var sentences = Sentences();
        Assert.All(Enum.GetValues<ApiErrorCode>(), code =>
            Assert.StartsWith($"{ApiErrors.Of(code).Status}: ", sentences[code.ToString()], StringComparison.Ordinal));
    }

    private static string Table()
    {
        var sentences = Sentences();
        var table = new StringBuilder("| HTTP | `code` | `type` | SDKs repeat it | when |\n|---|---|---|---|---|\n");
        foreach (var code in Enum.GetValues<ApiErrorCode>())
        {
            var row = ApiErrors.Of(code);
            var repeated = row.ShouldRetry ?? row.Status is 408 or 409 or 429 or >= 500;
            table.Append(null, $"| {row.Status} | `{row.CodeText}` | `{row.Type}` | {(repeated ? "yes" : "no")} | {sentences[code.ToString()][5..]} |\n");
        }

        return table.ToString();
    }

    /// <summary>The summaries of the enumeration's members, from the documentation file beside its assembly.</summary>
    private static Dictionary<string, string> Sentences()
    {
        var prefix = $"F:{typeof(ApiErrorCode).FullName}.";
        return XDocument.Load(Path.ChangeExtension(typeof(ApiErrorCode).Assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.Attribute("name")!.Value.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(member => member.Attribute("name")!.Value[prefix.Length..], member => member.Element("summary")!.Value.Trim());
    }
}
