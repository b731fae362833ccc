using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Engine.Chat.Python;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

/// <summary>Calls as Python writes them, and the JSON that they are.</summary>
public sealed class PythonCallTests
{
    [Theory]
    [InlineData("'it''s'", null)]
    [InlineData("'it\\'s \"so\"'", "\"it's \\\"so\\\"\"")]
    [InlineData("\"a\\nb\\tc\\\\d\\/\"", "\"a\\nb\\tc\\\\d/\"")]
    [InlineData("\"line\none\"", "\"line\\none\"")]
    [InlineData("\"goes \\\non\"", "\"goes on\"")]
    [InlineData("\"\\x41\\u00e9\\U0001F600\\ud83d\\ude00\"", "\"Aé😀😀\"")]
    [InlineData("\"\\d\\q\"", "\"\\\\d\\\\q\"")]
    [InlineData("r'\\d+\\'\\n'", "\"\\\\d+\\\\'\\\\n\"")]
    [InlineData("f\"x\"", "\"x\"")]
    [InlineData("Rb'\\x'", "\"\\\\x\"")]
    [InlineData("''", "\"\"")]
    [InlineData("\"\"\"a \"quoted\" 'text'\n\"\"\"", "\"a \\\"quoted\\\" 'text'\\n\"")]
    [InlineData("''''''", "\"\"")]
    [InlineData("'''a''b'''", "\"a''b\"")]
    [InlineData("\"\\xg0\"", null)]
    [InlineData("\"\\U00110000\"", null)]
    [InlineData("q'x'", null)]
    [InlineData("'a' 'b'", null)]
    [InlineData("7", "7")]
    [InlineData("-1_000.50", "-1000.50")]
    [InlineData("+.5e-3", "0.5e-3")]
    [InlineData("5.", "5.0")]
    [InlineData("0", "0")]
    [InlineData("007", null)]
    [InlineData("0x1F", null)]
    [InlineData("1e", null)]
    [InlineData(".", null)]
    [InlineData("-", null)]
    [InlineData("--1", null)]
    [InlineData("1+1", null)]
    [InlineData("inf", null)]
    [InlineData("nan", null)]
    [InlineData("true", "true")]
    [InlineData("None", "null")]
    [InlineData("today()", null)]
    [InlineData("x.y", null)]
    [InlineData("[]", "[]")]
    [InlineData("()", "[]")]
    [InlineData("{}", "{}")]
    [InlineData("[1, 'a', (True,), {'k' : [None , ] , \"l\":2,}]", "[1,\"a\",[true],{\"k\":[null],\"l\":2}]")]
    [InlineData("[1 2]", null)]
    [InlineData("[,1]", null)]
    [InlineData("[1,,2]", null)]
    [InlineData("[1)", null)]
    [InlineData("{1: 2}", null)]
    [InlineData("{'a'}", null)]
    [InlineData("{'a': }", null)]
    [InlineData("{'a': 1, 2}", null)]
    [InlineData("{'a', 1}", null)]
    [InlineData("[x for x in y]", null)]
    [InlineData("", null)]
    [InlineData("*args", null)]
    public void A_value_is_its_JSON_or_no_value(string written, string? expected)
    {
        var json = Read($"f(a={written})");
        if (expected is null)
            Assert.Null(json);
        else
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json!)!["a"]), json);
    }

    [Theory]
    [InlineData("f{}", "{}")]
    [InlineData("f{a:<escape>x, \"y\" } <esc\n<escape>,b:-5}", """{"a":"x, \"y\" } <esc\n","b":-5}""")]
    [InlineData("f{a:<escape><escape>}", """{"a":""}""")]
    [InlineData("f{a:<escape><<escape>}", """{"a":"<"}""")]
    [InlineData("f{ a : [<escape>x<escape>, 1, true], b:{c:<escape>y<escape>,d_1:{},'e':null}, }", """{"a":["x",1,true],"b":{"c":"y","d_1":{},"e":null}}""")]
    [InlineData("f{a:{<escape>b<escape>:1}}", """{"a":{"b":1}}""")]
    [InlineData("f{a:\"x\"}", """{"a":"x"}""")]
    [InlineData("f{a:<escaped>x}", null)]
    [InlineData("f{a:<escape>x", null)]
    [InlineData("f{a=1}", null)]
    [InlineData("f(a=1)", null)]
    [InlineData("f{a:{b c:1}}", null)]
    [InlineData("f{a:{b}}", null)]
    public void FunctionGemmas_signs_are_read_too(string written, string? expected)
    {
        var json = Read(written, CallNotation.FunctionGemma);
        if (expected is null)
            Assert.Null(json);
        else
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json!)), json);
    }

    [Fact]
    public void Whatever_is_written_as_Python_does_comes_back_as_it_was()
    {
        var text = Gen.ArrayOf(Gen.Elements("a", "'", "\"", "\\", "\n", "é", "😀", "]", ")", ",", "#", "\u0000", " ")).Select(string.Concat<string>);
        var scalar = Gen.OneOf(
            text.Select(t => (Node: (JsonNode?)JsonValue.Create(t), Written: Written(t))),
            Gen.Choose(-5000, 5000).Select(n => (Node: (JsonNode?)JsonValue.Create(n / 16.0), Written: FormattableString.Invariant($"{n / 16.0}"))),
            Gen.Elements<(JsonNode? Node, string Written)>((JsonValue.Create(true), "True"), (JsonValue.Create(false), "False"), (null, "None")));
        var list = Gen.ArrayOf(scalar).Select(items => (Node: (JsonNode?)new JsonArray([.. items.Select(i => i.Node?.DeepClone())]), Written: $"[{string.Concat(items.Select(i => $"{i.Written} , "))}]"));
        var map = Gen.ArrayOf(Gen.Zip(text, Gen.OneOf(scalar, list))).Select(pairs => pairs.DistinctBy(p => p.Item1).ToArray()).Select(pairs => (
            Node: (JsonNode?)new JsonObject(pairs.Select(p => KeyValuePair.Create(p.Item1, p.Item2.Node?.DeepClone()))),
            Written: $"{{{string.Join(", ", pairs.Select(p => $"{Written(p.Item1)}: {p.Item2.Written}"))}}}"));
        Check.One(
            Config.QuickThrowOnFailure.WithQuietOnSuccess(true),
            Prop.ForAll(Gen.OneOf(scalar, list, map).ToArbitrary(), value => Read($"f(a = {value.Written} , b=1)") is { } json
                && JsonNode.DeepEquals(value.Node, JsonNode.Parse(json)!["a"])));

        // As repr() does, with one quote or three.
        static string Written(string text)
        {
            var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\0", "\\x00", StringComparison.Ordinal);
            return text.Length % 2 == 0 ? $"'{escaped}'" : $"'''{escaped}'''";
        }
    }

    [Fact]
    public void What_is_written_by_chance_is_refused_or_is_an_object_of_JSON()
    {
        var parts = Gen.Elements("f(", "a=", "1", "'", "\"\"\"", "[", "]", "{", "}", "(", ")", ",", ":", "\\", "x41", "None", "-", " ", "\n", "r", "😀");
        Check.One(
            Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(3000),
            Prop.ForAll(Gen.ArrayOf(parts).Select(string.Concat<string>).ToArbitrary(), written => Read("f(a=" + written) is not { } json || JsonNode.Parse(json) is JsonObject));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("(")]
    [InlineData("{'a':")]
    public void Values_nested_60000_deep_are_refused_at_the_limit(string open)
    {
        Assert.Null(Read($"f(a={string.Concat(Enumerable.Repeat(open, 60_000))}"));
        Assert.NotNull(Read($"f(a={new string('[', TextLimits.JsonDepthMax)}{new string(']', TextLimits.JsonDepthMax)})"));
    }

    [Theory]
    [InlineData("f(a=", 1)]
    [InlineData("f(", 1)]
    [InlineData("", 1)]
    [InlineData("f(a='", 2_000_000)]
    public void What_is_held_back_is_bounded_and_a_text_is_not(string begun, int expected)
    {
        var json = new StringBuilder();
        var parser = new PythonCallParser(CallNotation.Python, "", mayBeShown: false, json);
        var accepted = (begun + new string('1', 2_000_000)).TakeWhile(parser.Accept).Count() - begun.Length;
        Assert.InRange(accepted, expected, Math.Max(expected, TextLimits.ToolNameCharsMax));
    }

    /// <summary>The arguments of a whole call; null where it is none.</summary>
    private static string? Read(string written, CallNotation? notation = null)
    {
        var json = new StringBuilder();
        var parser = new PythonCallParser(notation ?? CallNotation.Python, "", mayBeShown: false, json);
        return written.All(parser.Accept) && parser.IsComplete ? json.ToString() : null;
    }
}
