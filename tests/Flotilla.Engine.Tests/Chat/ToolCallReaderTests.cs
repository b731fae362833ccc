using System.Text;
using Flotilla.Engine.Chat;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

public class ToolCallReaderTests
{
    /// <summary>What the model writes, and what is read: text as it is, a call as <c>#0 name(arguments)</c>.</summary>
    public static TheoryData<string, string> Cases { get; } = new()
    {
        { "", "" },
        { "Hello there", "Hello there" },
        { " \n spaces \n ", " \n spaces \n " },
        { "a < b <t <tool <tool_cal", "a < b <t <tool <tool_cal" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>", "#0 f({\"a\": 1})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>", "#0 f({})" },
        { "Let me see.\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n", "Let me see.#0 f({})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call> Done. ", "#0 f({}) Done. " },
        {
            "<tool_call>\n{\"name\":\"f\",\"arguments\":{\"x\":[1,{\"y\":\"}\"}]}}\n</tool_call>\n<tool_call>\n{\"name\":\"g\",\"arguments\":{}}\n</tool_call>",
            "#0 f({\"x\":[1,{\"y\":\"}\"}]})#1 g({})"
        },
        { "<tool_call>{\"arguments\":{\"a\":\"b\"},\"name\":\"f\"}</tool_call>", "#0 f({\"a\":\"b\"})" },
        { "<tool_call>{\"name\":\"f\",\"parameters\":{\"a\":2}}</tool_call>", "#0 f({\"a\":2})" },
        { "<tool_call>{\"name\":\"f\"}</tool_call>", "#0 f({})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":null}</tool_call>", "#0 f({})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}</tool_call>", "#0 f({\"a\": 1})" },
        { "<tool_call>{\"id\":[1,{\"a\":\"]\"}],\"name\":\"f\",\"arguments\":{},\"n\":-1.5e3}</tool_call>", "#0 f({})" },
        { "<tool_call>{\"na\\u006de\":\"caf\\u00e9\",\"arguments\":{\"q\":\"\\u00e9\\n\"}}</tool_call>", "#0 café({\"q\":\"\\u00e9\\n\"})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"s\":\"</tool_call>\"}}</tool_call>", "#0 f({\"s\":\"</tool_call>\"})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}", "#0 f({})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}\n</tool_call>", "#0 f({\"a\":1})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"x\n</tool_call> after", "#0 f({\"a\":\"x\n) after" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1]}</tool_call>", "#0 f({\"a\":1]})" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":", "#0 f({\"a\":)" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1</tool", "#0 f({\"a\":1</tool)" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}}\n</tool_call>", "#0 f({})}" },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}} and</tool_call> so", "#0 f({})and so" },
        { "<tool_call>not json</tool_call>", "<tool_call>not json</tool_call>" },
        { " \n<tool_call> [1]", " \n<tool_call> [1]" },
        { "<tool_call>{}</tool_call>", "<tool_call>{}</tool_call>" },
        { "<tool_call>{\"name\":\"\"}</tool_call>", "<tool_call>{\"name\":\"\"}</tool_call>" },
        { "<tool_call>{\"name\":5}</tool_call>", "<tool_call>{\"name\":5}</tool_call>" },
        { "<tool_call>{\"name\":\"\\ud800\"}</tool_call>", "<tool_call>{\"name\":\"\\ud800\"}</tool_call>" },
        { "<tool_call>{\"name\":\"\\q\"}</tool_call>", "<tool_call>{\"name\":\"\\q\"}</tool_call>" },
        { "<tool_call>{\"arguments\":{}}</tool_call>", "<tool_call>{\"arguments\":{}}</tool_call>" },
        { "<tool_call>{\"arguments\":7,\"name\":\"f\"}</tool_call>", "<tool_call>{\"arguments\":7,\"name\":\"f\"}</tool_call>" },
        { "<tool_call>{\"name\"", "<tool_call>{\"name\"" },
        { "<tool_call>{oops<tool_call>{\"name\":\"f\"}</tool_call>", "<tool_call>{oops#0 f({})" },
        { "<tool_call><tool_call>{\"name\":\"f\"}</tool_call>", "<tool_call>#0 f({})" },
        { "<<tool_call>{\"name\":\"f\"}</tool_call>", "<#0 f({})" },
        { "</tool_call>", "</tool_call>" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_model_writes_is_read_the_same_at_every_cut(string written, string expected)
    {
        Assert.Equal(expected, Read([written]));
        for (var cut = 1; cut < written.Length; cut++)
        {
            Assert.Equal(expected, Read([written[..cut], written[cut..]]));
        }
        Assert.Equal(expected, Read(written.Select(unit => unit.ToString())));
    }

    /// <summary>The same of the other families: how their templates ask for calls, and what is read.</summary>
    public static TheoryData<string, string, string> OtherCases { get; } = new()
    {
        { "Llama 3", "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "#0 f({\"a\": 1})" },
        { "Llama 3", "\n\n{\"type\": \"function\", \"name\": \"f\", \"parameters\": {\"a\": 1}}\n", "#0 f({\"a\": 1})" },
        { "Llama 3", "<|python_tag|>{\"name\": \"other\", \"parameters\": {}}", "#0 other({})" },
        { "Llama 3", "\n<|python_tag|>{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"arguments\": {}}", "#0 f({})#1 g({})" },
        { "Llama 3", "{\"name\":\"f\",\"parameters\":{}};{\"name\":\"g\",\"parameters\":{\"b\":\";\"}}", "#0 f({})#1 g({\"b\":\";\"})" },
        { "Llama 3", "{\"name\":\"f\",\"parameters\":{}}; and so", "#0 f({}); and so" },
        { "Llama 3", "{\"name\": \"Bob\", \"age\": 3}", "{\"name\": \"Bob\", \"age\": 3}" },
        { "Llama 3", "{\"city\": \"Rome\", \"name\": \"f\"}", "{\"city\": \"Rome\", \"name\": \"f\"}" },
        { "Llama 3", "Sure: {\"name\": \"f\", \"parameters\": {}}", "Sure: {\"name\": \"f\", \"parameters\": {}}" },
        { "Llama 3", "Sure.<|python_tag|>{\"name\": \"f\", \"parameters\": {}}", "Sure.#0 f({})" },
        { "Llama 3", " Well, <|python", " Well, <|python" },
        { "Llama 3", "", "" },
        { "Llama 3", " \n", " \n" },
        { "Mistral, as a list", "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": [1]}, \"id\": \"abcDEF123\"}]", "#0 f({\"a\": [1]})" },
        { "Mistral, as a list", "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{}}, {\"name\":\"g\",\"arguments\":{}}]\n", "#0 f({})#1 g({})" },
        { "Mistral, as a list", "Hm [TOOL_CALLS][{\"name\":\"f\",\"arguments\":{}}", "Hm#0 f({})" },
        { "Mistral, as a list", "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{\"a\":[1,}}]", "#0 f({\"a\":[1,}}])" },
        { "Mistral, as a list", "[TOOL_CALLS][]", "[TOOL_CALLS][]" },
        { "Mistral, as a list", "a [1] [TOOL [TOOL_CALLS] {\"name\":\"f\"}", "a [1] [TOOL [TOOL_CALLS] {\"name\":\"f\"}" },
        { "Mistral, by name", "[TOOL_CALLS]f[ARGS]{\"a\": {\"b\": \"[ARGS]\"}}", "#0 f({\"a\": {\"b\": \"[ARGS]\"}})" },
        { "Mistral, by name", "So.[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]g[ARGS]{\"b\":2}", "So.#0 f({})#1 g({\"b\":2})" },
        { "Mistral, by name", "[TOOL_CALLS]f[CALL_ID]abcDEF123[ARGS]{\"a\":1}", "#0 f({\"a\":1})" },
        { "Mistral, by name", "[TOOL_CALLS]f{\"a\":1}", "#0 f({\"a\":1})" },
        { "Mistral, by name", "[TOOL_CALLS]f[ARGS]{\"a\":]}[TOOL_CALLS]g[ARGS]{}", "#0 f({\"a\":]})#1 g({})" },
        { "Mistral, by name", "[TOOL_CALLS]f[ARGS]nothing", "#0 f(nothing)" },
        { "Mistral, by name", "[TOOL_CALLS]no call at all", "[TOOL_CALLS]no call at all" },
        { "Mistral, by name", "[TOOL_CALLS][ARGS]{}", "[TOOL_CALLS][ARGS]{}" },
        { "Mistral, by name", "[TOOL_CALLS]{}", "[TOOL_CALLS]{}" },
        { "Gemma, tool_code", "```tool_code\n{\"name\": \"f\", \"parameters\": {\"a\": 1}}\n```", "#0 f({\"a\": 1})" },
        { "Gemma, tool_code", "Yes.\n```tool_code\n{\"name\":\"f\",\"parameters\":{}}\n```\n```tool_code\n{\"name\":\"g\",\"parameters\":{}}\n```\n", "Yes.#0 f({})#1 g({})" },
        { "Gemma, tool_code", "```tool_code\nprint(1)\n```", "```tool_code\nprint(1)\n```" },
        { "Gemma, tool_code", "```tool_code\nf(a=1, b='x')\n```", "#0 f({\"a\": 1, \"b\": \"x\"})" },
        { "Gemma, tool_code", "Yes.\n```tool_code\nf()\ng( a = [ 1, ] , )\n```\nDone.", "Yes.#0 f({})#1 g({\"a\": [1]})\nDone." },
        { "Gemma, tool_code", "```tool_code\nprint(f(a=True))\nprint( g () )\n```", "#0 f({\"a\": true})#1 g({})" },
        { "Gemma, tool_code", "```tool_code\nprint(text=1)\n```", "#0 print({\"text\": 1})" },
        { "Gemma, tool_code", "```tool_code\nprint()\n```", "#0 print({})" },
        { "Gemma, tool_code", "```tool_code\nf(a=1)\nx = 2\n```", "#0 f({\"a\": 1})x = 2\n```" },
        { "Gemma, tool_code", "```tool_code\nimport os\n```", "```tool_code\nimport os\n```" },
        { "Gemma, tool_code", "```tool_code\nf(a=1", "#0 f({\"a\": 1)" },
        { "Gemma, tool_code", "```tool_code\nf(1)\n```", "#0 f({1)\n)" },
        { "Gemma, tool_code", "```tool_code\nf(a=b)\n```", "#0 f({\"a\": b)\n)" },
        { "Gemma, tool_code", "```tool_code\nf(a=1,,b=2)``` then", "#0 f({\"a\": 1,b=2)) then" },
        { "Python, as a list", "[f(a=1), g(b=\"x, y)]\")]", "#0 f({\"a\": 1})#1 g({\"b\": \"x, y)]\"})" },
        { "Python, as a list", " [\nf(a=None, b=-1.5e3, c=('x', {'y': [True, False]}))\n] ", "#0 f({\"a\": null, \"b\": -1.5e3, \"c\": [\"x\", {\"y\": [true, false]}]})" },
        { "Python, as a list", "<|python_tag|>[other(a=1)]", "#0 other({\"a\": 1})" },
        { "Python, as a list", "[other(a=1)]", "[other(a=1)]" },
        { "Python, as a list", "[f(a=1), other(b=2)]", "#0 f({\"a\": 1}), other(b=2)]" },
        { "Python, as a list", "[1, 2]", "[1, 2]" },
        { "Python, as a list", "[f", "[f" },
        { "Python, as a list", "[f(", "#0 f({)" },
        { "Python, as a list", "f(a=1)", "f(a=1)" },
        { "Python, as a list", "{\"name\": \"f\"}", "{\"name\": \"f\"}" },
        { "Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nsome \"text\"\n</b>\n\n</parameter>\n</function>\n</tool_call>\n", "#0 f({\"a\": 1, \"b\": \"some \\\"text\\\"\\u000a</b>\\u000a\"})" },
        { "Qwen3-Coder", "So.<tool_call><function=f></function></tool_call><tool_call><function=g><parameter=a>[1, {\"b\": \"</x>\"}]</parameter></function></tool_call>", "So.#0 f({})#1 g({\"a\": [1, {\"b\": \"</x>\"}]})" },
        { "Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=text>\n5\n</parameter>\n<parameter=n>\n</parameter>\n</function>\n</tool_call>", "#0 f({\"text\": \"5\", \"n\": \"\"})" },
        { "Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=a>\nTrue\n</parameter>", "#0 f({\"a\": \"True\")" },
        { "Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=a>\nfor\n</para", "#0 f({\"a\": for\n</para)" },
        { "Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=a>1</parameter> and so</tool_call> on", "#0 f({\"a\": 1and so) on" },
        { "Qwen3-Coder", "<tool_call>\n{\"name\": \"f\"}\n</tool_call>", "<tool_call>\n{\"name\": \"f\"}\n</tool_call>" },
        { "Qwen3-Coder", "<tool_call>\n<function=>", "<tool_call>\n<function=>" },
        { "Qwen3-Coder", "<tool_call>\n<fun", "<tool_call>\n<fun" },
        { "FunctionGemma", "<start_function_call>call:f{a:<escape>x}<escape>,b:[1]}<end_function_call><start_function_call>call:g{}<end_function_call>", "#0 f({\"a\": \"x}\", \"b\": [1]})#1 g({})" },
        { "FunctionGemma", "<start_function_call>call:f{a:<escape>x<esc", "#0 f({\"a\": \"x<esc)" },
        { "FunctionGemma", "<start_function_call>call:f{a:{b c}<end_function_call> so", "#0 f({\"a\": {b c}) so" },
        { "FunctionGemma", "<start_function_call>f{}", "<start_function_call>f{}" },
        { "Llama 3, by tag", "<function=f>{\"a\": \"</function>\"}</function>", "#0 f({\"a\": \"</function>\"})" },
        { "Llama 3, by tag", "Hm.<function=f>{}</function>\n<function=g>{\"a\": [}</function> x", "Hm.#0 f({})#1 g({\"a\": [}) x" },
        { "Llama 3, by tag", "<function=f x>{}", "<function=f x>{}" },
        { "Phi-4", "<|tool_call|>{\"name\": \"f\", \"arguments\": {\"a\": 1}}<|/tool_call|><|tool_call|>{\"name\":\"g\"}<|/tool_call|>", "#0 f({\"a\": 1})#1 g({})" },
        { "Granite 3", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", \"arguments\": {}}]", "#0 f({\"a\": 1})#1 g({})" },
        { "Nemotron", "<TOOLCALL>[{\"name\": \"f\", \"arguments\": {\"a\": \"]</TOOLCALL>\"}}]</TOOLCALL>", "#0 f({\"a\": \"]</TOOLCALL>\"})" },
        { "Llama 3", "<|python_tag|>f.call(query=\"Rome\")", "#0 f({\"query\": \"Rome\"})" },
        { "Llama 3", "<|python_tag|>f(a=1); g.call()", "#0 f({\"a\": 1})#1 g({})" },
        { "Llama 3", "<|python_tag|>import os", "<|python_tag|>import os" },
        { "Llama 3", "<|python_tag|>.call(a=1)", "<|python_tag|>.call(a=1)" },
        { "Llama 3", "f.call(a=1)", "f.call(a=1)" },
        { "Llama 3", "{\"type\": \"tool\", \"name\": \"f\"}", "{\"type\": \"tool\", \"name\": \"f\"}" },
        { "Llama 3", "{\"parameters\": {}, \"name\": \"f\"}", "{\"parameters\": {}, \"name\": \"f\"}" },
        { "Llama 3", "{\"na\\u006de\": \"f\"}", "{\"na\\u006de\": \"f\"}" },
        { "Llama 3", "{\"name\": \"\\u0066\"}", "{\"name\": \"\\u0066\"}" },
        { "Gemma, tool_code", "````tool_code {\"name\":\"f\"}```", "`#0 f({})" },
        { "Gemma, tool_call", "```tool_call\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n```", "#0 f({\"a\": 1})" },
    };

    [Theory]
    [MemberData(nameof(OtherCases))]
    public void What_other_families_write_is_read_the_same_at_every_cut(string family, string written, string expected)
    {
        var format = ToolCallFormat.All.Single(f => f.Name == family);
        Assert.Equal(expected, Read([written], format));
        for (var cut = 1; cut < written.Length; cut++)
        {
            Assert.Equal(expected, Read([written[..cut], written[cut..]], format));
        }
        Assert.Equal(expected, Read(written.Select(unit => unit.ToString()), format));
    }

    [Fact]
    public void A_name_that_stands_alone_comes_with_its_end_and_arguments_as_they_are_written()
    {
        var reader = new ToolCallReader(ToolCallFormat.All.Single(f => f.Name == "Mistral, by name"), []);
        Assert.Empty(Accept(reader, "[TOOL_CALLS]get_weath"));
        Assert.Empty(Accept(reader, "er[AR"));
        Assert.Equal([new OutputPiece(0, "get_weather", "")], Accept(reader, "GS]"));
        Assert.Equal([new OutputPiece(0, null, "{\"city\"")], Accept(reader, "{\"city\""));
        Assert.Equal([new OutputPiece(0, null, ": \"Rome\"}")], Accept(reader, ": \"Rome\"}"));
        Assert.Equal([new OutputPiece(1, "now", "")], Accept(reader, "[TOOL_CALLS]now[ARGS]"));
    }

    [Fact]
    public void A_text_between_tags_comes_as_it_is_written_and_another_value_when_it_is_known()
    {
        var reader = new ToolCallReader(ToolCallFormat.All.Single(f => f.HasTags), [], (_, argument) => argument == "text");
        Assert.Empty(Accept(reader, "<tool_call>\n<function=f"));
        Assert.Equal([new OutputPiece(0, "f", "{")], Accept(reader, ">"));
        Assert.Equal([new OutputPiece(0, null, "\"text\": \"")], Accept(reader, "\n<parameter=text>\n"));
        Assert.Equal([new OutputPiece(0, null, "a \\\"b")], Accept(reader, "a \"b\n</par"));
        Assert.Equal([new OutputPiece(0, null, "\\u000a</parts")], Accept(reader, "ts"));
        Assert.Equal([new OutputPiece(0, null, "\", \"n\": ")], Accept(reader, "\n</parameter>\n<parameter=n>\n[1,"));
        Assert.Equal([new OutputPiece(0, null, "[1,2]}")], Accept(reader, "2]\n</parameter>\n</function>"));
        Assert.Empty(Accept(reader, "\n</tool_call>"));
    }

    [Theory]
    [InlineData(TextLimits.ToolCallCharsHeldMax - 1, true)]
    [InlineData(TextLimits.ToolCallCharsHeldMax + 5, false)]
    public void A_value_between_tags_that_is_held_beyond_the_limit_is_a_text(int digits, bool isNumber)
    {
        var value = new string('7', digits);
        var read = Read([$"<tool_call><function=f><parameter=a>{value}</parameter></function></tool_call>"], ToolCallFormat.All.Single(f => f.HasTags));
        Assert.True(read == (isNumber ? $"#0 f({{\"a\": {value}}})" : $"#0 f({{\"a\": \"{value}\"}})"));
        // Deeper than readers of JSON go, it is no JSON.
        var deep = new string('[', 60_000);
        Assert.True(Read([$"<tool_call><function=f><parameter=a>{deep}</parameter></function></tool_call>"], ToolCallFormat.All.Single(f => f.HasTags)) == $"#0 f({{\"a\": \"{deep}\"}})");
    }

    [Fact]
    public void An_object_that_is_no_call_is_text_as_soon_as_that_is_certain()
    {
        var reader = new ToolCallReader(ToolCallFormat.All.Single(f => f.Name == "Llama 3"), ["f"]);
        Assert.Empty(Accept(reader, "{\"ci"));
        Assert.Equal([new OutputPiece(-1, null, "{\"city\"")], Accept(reader, "ty\""));
        Assert.Equal([new OutputPiece(-1, null, ": \"Rome\"}")], Accept(reader, ": \"Rome\"}"));
    }

    [Fact]
    public void The_name_comes_when_its_string_ends_and_arguments_as_they_are_written()
    {
        var reader = new ToolCallReader(ToolCallFormat.Hermes, []);
        Assert.Empty(Accept(reader, "Wait."[..0]));
        Assert.Empty(Accept(reader, "<tool_call>\n{\"name\": \"get_weath"));
        Assert.Equal([new OutputPiece(0, "get_weather", "")], Accept(reader, "er\""));
        Assert.Equal(1, reader.CallCount);
        Assert.Empty(Accept(reader, ", \"arguments\": "));
        Assert.Equal([new OutputPiece(0, null, "{\"city\"")], Accept(reader, "{\"city\""));
        Assert.Equal([new OutputPiece(0, null, ": \"Rome\"}")], Accept(reader, ": \"Rome\"}}"));
        Assert.Empty(Accept(reader, "\n</tool_call>\n"));
        Assert.Equal([new OutputPiece(1, "now", ""), new OutputPiece(1, null, "{}")], Accept(reader, "<tool_call>{\"name\":\"now\"}"));
    }

    [Fact]
    public void Text_is_delivered_at_once_but_for_what_may_begin_a_call()
    {
        var reader = new ToolCallReader(ToolCallFormat.Hermes, []);
        Assert.Equal([new OutputPiece(-1, null, "Hi")], Accept(reader, "Hi <"));
        Assert.Equal([new OutputPiece(-1, null, " <b")], Accept(reader, "b "));
        var spaces = new string(' ', TextLimits.ToolCallSpaceHeldMax + 1);
        Assert.NotEmpty(Accept(reader, spaces));
    }

    [Fact]
    public void Text_without_a_call_comes_back_as_it_was()
    {
        var parts = Gen.Elements("<tool_call>", "</tool_call>", "<", "tool_call>", "{", "}", "\"", "x", " ", "\n", ":", "[", "😀", "\\", "\"a\"");
        var text = Gen.ArrayOf(parts).Select(string.Concat<string>);
        // No part makes the key "name", so no call can be announced.
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(text.ToArbitrary(), written => Read(written.Select(unit => unit.ToString())) == written));
    }

    [Fact]
    public void Arguments_nested_beyond_the_limit_are_passed_on_up_to_the_closing_tag()
    {
        var deep = new string('[', 60_000);
        Assert.Equal($"#0 f({{\"a\":{deep})", Read([$"<tool_call>{{\"name\":\"f\",\"arguments\":{{\"a\":{deep}</tool_call>"]));
        Assert.Equal($"<tool_call>{deep}", Read([$"<tool_call>{deep}"]));
        var before = $"<tool_call>{{\"arguments\":{{\"a\":{deep}";
        Assert.Equal(before, Read([before]));
    }

    [Theory]
    [InlineData("{\"name\":\"")]
    [InlineData("{\"")]
    [InlineData("{\"arguments\":\"")]
    public void A_call_that_never_gets_a_name_is_text_and_held_no_longer_than_the_limit(string beginning)
    {
        var written = "<tool_call>" + beginning + new string('x', TextLimits.ToolCallCharsHeldMax + 10);
        var reader = new ToolCallReader(ToolCallFormat.Hermes, []);
        var pieces = Accept(reader, written);
        Assert.Equal(written.Length, pieces.Sum(piece => piece.Text.Length));
        Assert.All(pieces, piece => Assert.True(piece.IsText));
    }

    private static List<OutputPiece> Accept(ToolCallReader reader, string text)
    {
        var pieces = new List<OutputPiece>();
        reader.Accept(text, pieces);
        return pieces;
    }

    private static string Read(IEnumerable<string> cuts, ToolCallFormat? format = null)
    {
        var reader = new ToolCallReader(format ?? ToolCallFormat.Hermes, ["f", "g"], (_, argument) => argument == "text");
        var pieces = new List<OutputPiece>();
        foreach (var cut in cuts)
        {
            reader.Accept(cut, pieces);
        }
        reader.Finish(pieces);
        return Written(pieces);
    }

    private static string Written(List<OutputPiece> pieces)
    {
        var output = new StringBuilder();
        var isOpen = false;
        foreach (var piece in pieces)
        {
            if (isOpen && (piece.IsText || piece.Name is not null))
            {
                output.Append(')');
                isOpen = false;
            }
            if (piece.Name is not null)
            {
                output.Append('#').Append(piece.CallIndex).Append(' ').Append(piece.Name).Append('(');
                isOpen = true;
            }
            output.Append(piece.Text);
        }
        return output.Append(isOpen ? ")" : "").ToString();
    }
}
