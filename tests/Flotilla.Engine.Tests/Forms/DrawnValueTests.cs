using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Values drawn at random from forms, judged by ajv, which most of JavaScript validates with.</summary>
public sealed class DrawnValueTests
{
    private static readonly string[] s_schemas =
    [
        "{}",
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150},"tags":{"type":"array","items":{"type":"string","maxLength":5},"maxItems":3}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"number","exclusiveMinimum":-1.5,"maximum":1e3},"b":{"enum":["x","y z",null]},"c":{"type":"boolean"}},"additionalProperties":{"type":"integer"}}""",
        """{"$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["value","next"]}},"$ref":"#/$defs/node"}""",
        """{"type":"array","prefixItems":[{"const":1},{"type":["string","boolean"]}],"items":{"type":"number","minimum":0.25,"exclusiveMaximum":0.75},"minItems":2,"maxItems":6}""",
        """{"oneOf":[{"type":"object","properties":{"t":{"const":"a"},"v":{"type":"string","minLength":1,"maxLength":3}},"required":["t","v"]},{"type":"object","properties":{"t":{"const":"b"},"v":{"type":"integer"}},"required":["t","v"]},{"type":"null"}]}""",
        """{"allOf":[{"type":"object","properties":{"p":{"type":"integer"}},"required":["p"]},{"type":"object","properties":{"p":{"minimum":10,"maximum":12},"q":{"type":"string"}}}]}""",
        """{"type":"string","pattern":"^[A-Z][a-z]{1,3}( [\\w.\"\\\\]+)?$"}""",
        """{"type":"string","pattern":"é|[^\\s\\d]{2}"}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","format":"date"}""",
        """{"type":"string","format":"time"}""",
        """{"type":"string","format":"duration"}""",
        """{"type":"string","format":"email"}""",
        """{"type":"string","format":"hostname"}""",
        """{"type":"string","format":"ipv4"}""",
        """{"type":"string","format":"ipv6"}""",
        """{"type":"string","format":"uuid"}""",
        """{"type":"string","format":"uri"}""",
        """{"type":"integer","minimum":-17,"exclusiveMaximum":250}""",
        """{"type":"number","minimum":99.95,"maximum":100.05}""",
        """{"type":["object","array"],"items":{"type":"null"},"additionalProperties":{"type":"string"}}""",
    ];

    [Fact]
    public async Task Whatever_a_form_lets_through_is_valid()
    {
        var cases = new JsonArray();
        foreach (var schema in s_schemas)
        {
            var (form, random) = (Form.OfSchema(schema), new Random(11));
            var texts = Enumerable.Range(0, 200).Select(_ => form.Draw(random)).OfType<string>().ToArray();
            Assert.True(texts.Length > 100, $"Only {texts.Length} of 200 values of {schema} came to an end.");
            cases.Add(new JsonObject { ["schema"] = JsonNode.Parse(schema), ["texts"] = new JsonArray([.. texts.Select(t => JsonValue.Create(t))]) });
        }

        var wrong = JsonNode.Parse(await RunAsync(cases.ToJsonString()))!.AsArray();
        Assert.Equal(s_schemas.Length, wrong.Count);
        Assert.All(s_schemas.Zip(wrong), judged => Assert.True(judged.Second!.AsArray().Count == 0, $"{judged.First} let through {judged.Second.ToJsonString()}"));
    }

    private static async Task<string> RunAsync(string input)
    {
        var root = Engines.RepositoryRoot;
        var folder = Path.Combine(root, "tests", "clients");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "ajv-formats")), "Run 'npm ci' in tests/clients first, or './test', which does.");
        ProcessStartInfo start = new("node", ["check-schemas.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var (output, error) = (node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await error);
        return await output;
    }
}
