using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Tests.Chat;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Calls of tools as each family writes them: what the grammar lets through is what the reader reads.</summary>
public sealed class ToolCallFormsTests
{
    private static readonly ToolDefinition[] s_tools =
    [
        new("roll", null, """{"type":"object","properties":{"sides":{"enum":[6,20]}},"required":["sides"]}""") { IsStrict = true },
        new("say", null, """{"type":"object","properties":{"text":{"enum":["]}[{","; {","```","[ARGS]"]}},"required":["text"]}""") { IsStrict = true },
    ];

    public static TheoryData<string, bool> Formats
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var format in ToolCallFormat.All)
            {
                data.Add(format.Name, false);
                data.Add(format.Name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Required_calls_are_made_and_read(string name, bool hasControls)
    {
        var counts = new HashSet<int>();
        for (var seed = 0; seed < 60; seed++)
        {
            var calls = Calls(Draw(name, hasControls, new ToolUse { IsRequired = true }, seed), out var text);
            Assert.Equal("", text);
            Assert.NotEmpty(calls);
            Assert.All(calls, Check);
            counts.Add(calls.Count);
        }

        // Parallel calls are made, too.
        Assert.Contains(2, counts);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_single_call_of_a_named_tool_is_just_that(string name, bool hasControls)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var call = Assert.Single(Calls(Draw(name, hasControls, new ToolUse { IsRequired = true, IsSingle = true, Name = "say" }, seed), out var text));
            Assert.Equal(("say", ""), (call.Name, text));
            Check(call);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Text_is_free_and_a_call_behind_it_is_held(string name, bool hasControls)
    {
        var format = FamilyTemplates.Format(name);
        string[] texts = ["Hello [x] <t> ``` there.", " \n\n 7", "", "{\"name\": \"Roland\"}", "{\"rolls\": [6, 7]", "{\"type\": \"tool\", \"name\": \"roll\"}", "[\"roll(6)\"]", "[rolls(6)]", "[roll, say]"];
        foreach (var text in texts)
            Assert.True(Allows(name, hasControls, new ToolUse(), text), text);
        foreach (var call in Rolls(format))
        {
            Assert.True(Allows(name, hasControls, new ToolUse(), $"Well. {call}"), call);
            Assert.False(Allows(name, hasControls, new ToolUse(), $"Well. {call.Replace("6", "7", StringComparison.Ordinal)}"));
            Assert.False(Allows(name, hasControls, new ToolUse(), $"Well. {call.Replace("roll", "toll", StringComparison.Ordinal)}"));
            Assert.False(Allows(name, hasControls, new ToolUse { IsRequired = true }, $"Well. {call}"));
            Assert.Equal(format.IsOpenOptional && !call.Contains(".call", StringComparison.Ordinal), Allows(name, hasControls, new ToolUse { IsRequired = true }, call[format.Open.Length..]));
        }

        string[] unopened = ["{\"name\": \"roll\", \"parameters\": {\"sides\": 7}}", " {\n\n\"type\":  \"function\", \"name\" : \"roll\", \"parameters\": {\"sides\": 7}}", "[ roll (sides=7)]"];
        foreach (var text in unopened)
        {
            var isCall = format.IsOpenOptional && text[0] == '[' != format.HasObjects;
            Assert.Equal(!isCall, Allows(name, hasControls, new ToolUse(), text));
            Assert.True(Allows(name, hasControls, new ToolUse(), text.Replace('7', '6')));
        }
    }

    [Fact]
    public void What_is_open_in_a_schema_is_open_where_it_is_written_as_Python_too()
    {
        Check("""{"type":"object"}""", ["f()", "f(a=1)", "f( a=[{\"b\": null}], _b2=\"x\" )"], ["f(1)", "f(a)", "f(a=)", "f(2a=1)", "f(a={b: 1})", "f(=1)", "f(a=1"]);
        Check("""{"properties":{"max-price":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}""", ["f(max-price=5, max=true)", "f(m=false)", "f()"], ["f(max-price=true)", "f(max=5)", "f(a b=true)"]);
        Check("""{"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"$ref":"#"}},"required":["b"]}]}""", ["f(a=1)", "f(b={\"a\": 1})"], ["f(a=2)", "f(b={\"a\": 2})", "f()"]);

        static void Check(string schema, string[] valid, string[] invalid)
        {
            var request = new GenerationRequest { Messages = [], Tools = [new ToolDefinition("f", null, schema) { IsStrict = true }], ToolUse = new ToolUse { IsRequired = true } };
            var form = new AnswerForms(new ByteTokenizer(ByteTokenizer.End), FamilyTemplates.Format("Python, as a list")).Of(request, thoughts: null)!;
            Assert.All(valid, text => Assert.NotEqual(Automaton.Dead, StateAfter(form, $"[{text}]")));
            Assert.All(invalid, text => Assert.Equal(Automaton.Dead, StateAfter(form, $"[{text}]")));
        }
    }

    [Fact]
    public void FunctionGemmas_texts_stand_between_its_tags_but_where_only_JSON_can_be_held()
    {
        const string Schema = """{"properties":{"a":{"type":"string"},"b":{"enum":["x\"","y"]},"c":{"type":"string","maxLength":2},"d":{"type":"array","items":{"type":"string"}},"e":{"const":"<escape>"}},"required":["a"]}""";
        var request = new GenerationRequest { Messages = [], Tools = [new ToolDefinition("f", null, Schema) { IsStrict = true }], ToolUse = new ToolUse { IsRequired = true } };
        var forms = new AnswerForms(new ByteTokenizer(ByteTokenizer.End), FamilyTemplates.Format("FunctionGemma"));
        Assert.All(["a:<escape>any \"text\" {<escape>", "a:<escape><escape>,b:<escape>x\"<escape>,c:\"xy\",d:[\"z\"],e:\"<escape>\""], text => Assert.NotEqual(Automaton.Dead, State(request, text)));
        Assert.All(["", "b:<escape>y<escape>", "a:\"x\"", "a:<escape>x<escape>,b:<escape>z<escape>", "a:<escape>x<escape>,c:<escape>x", "a:<escape>x<escape>,d:[<"], text => Assert.Equal(Automaton.Dead, State(request, text)));
        var free = request with { Tools = [new ToolDefinition("f", null, "{}")] };
        Assert.NotEqual(Automaton.Dead, State(free, "a:<escape>x<escape>, b2:[\"y\"]"));
        Assert.Equal(Automaton.Dead, State(free, "2:1"));

        int State(GenerationRequest asked, string text) => StateAfter(forms.Of(asked, thoughts: null)!, $"<start_function_call>call:f{{{text}}}<end_function_call>");
    }

    [Fact]
    public void Between_tags_texts_stand_as_they_are_and_other_values_as_JSON()
    {
        const string Schema = """{"properties":{"path":{"type":"string"},"mode":{"enum":["r","w\"\n"]},"lines":{"type":"array","items":{"type":"integer"}},"deep":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["path"]}""";
        const string Path = "<parameter=path>\n/a \"b\"\n</p>\n\n</parameter>";
        Check(Schema, [Path, Path + "\n<parameter=mode>\nw\"\n\n</parameter>\n<parameter=lines>\n[1, 2]\n</parameter>", Path + "<parameter=deep>\n\"x\"\n</parameter>", Path + "\n<parameter=deep>\nnull\n</parameter>"]);
        Refuse(Schema, ["", "<parameter=mode>\nr\n</parameter>", Path + "<parameter=mode>\nx", Path + "<parameter=lines>\n1", Path + "<parameter=other>", Path + "<parameter=deep>\nx"]);
        Check("""{"type":"object"}""", ["", "<parameter=a>\n5\n</parameter>\n<parameter=b_2>\n\n</parameter>"]);
        Refuse("""{"type":"object"}""", ["<parameter=>\n", "<parameter=a b>"]);
        Check("""{"properties":{"a":{"type":"integer"}},"additionalProperties":true}""", ["<parameter=b>\nx\n</parameter>", "<parameter=a>\n5\n</parameter>"]);
        foreach (var (schema, named) in (ReadOnlySpan<(string, string)>)[
            ("""{"properties":{"a":{"type":"string","maxLength":3}}}""", "'enum' and 'const' alone"), ("""{"properties":{"a":{"const":"</parameter>"}}}""", "'</parameter>' in it"),
            ("""{"properties":{"a b":{}}}""", "'a b'"), ("""{"additionalProperties":{"type":"string"}}""", "held to nothing")])
        {
            Assert.Contains(named, Assert.Throws<GenerationRejectedException>(() => Form(schema, isStrict: true)).Message, StringComparison.Ordinal);
            Assert.NotEqual(Automaton.Dead, StateAfter(Form(schema, isStrict: false), "<tool_call>\n<function=f>\n<parameter=c>\nx\n</parameter>\n</function>\n</tool_call>"));
        }

        static CompiledForm Form(string schema, bool isStrict) => new AnswerForms(new ByteTokenizer(ByteTokenizer.End), FamilyTemplates.Format("Qwen3-Coder")).Of(
            new GenerationRequest { Messages = [], Tools = [new ToolDefinition("f", null, schema) { IsStrict = isStrict }], ToolUse = new ToolUse { IsRequired = true } }, thoughts: null)!;

        static void Check(string schema, string[] valid) =>
            Assert.All(valid, text => Assert.NotEqual(Automaton.Dead, StateAfter(Form(schema, isStrict: true), $"<tool_call>\n<function=f>\n{text}{(text.Length > 0 ? "\n" : "")}</function>\n</tool_call>")));

        static void Refuse(string schema, string[] invalid) =>
            Assert.All(invalid, text => Assert.Equal(Automaton.Dead, StateAfter(Form(schema, isStrict: true), $"<tool_call>\n<function=f>\n{text}{(text.Length > 0 ? "\n" : "")}</function>")));
    }

    [Theory]
    [InlineData("""{"properties":{"a=b":{}},"required":["a=b"]}""", "'a=b'")]
    [InlineData("""{"enum":[{"a":1}]}""", "'enum'")]
    public void A_schema_that_Python_cannot_say_is_refused_by_name_or_becomes_any_arguments(string schema, string named)
    {
        var forms = new AnswerForms(new ByteTokenizer(ByteTokenizer.End), FamilyTemplates.Format("Python, as a list"));
        var request = new GenerationRequest { Messages = [], Tools = [new ToolDefinition("f", null, schema) { IsStrict = true }], ToolUse = new ToolUse { IsRequired = true } };
        Assert.Contains(named, Assert.Throws<GenerationRejectedException>(() => forms.Of(request, thoughts: null)).Message, StringComparison.Ordinal);
        var form = forms.Of(request with { Tools = [request.Tools[0] with { IsStrict = false }] }, thoughts: null)!;
        Assert.NotEqual(Automaton.Dead, StateAfter(form, "[f(c=[1])]"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Whatever_is_said_all_that_is_read_as_a_call_is_one_of_those_that_were_offered(string name, bool hasControls)
    {
        var format = FamilyTemplates.Format(name);
        string[] beginnings =
        [
            "", "Hm. ", $"{format.Open}", $"So {format.Open}{format.ListOpen}", "{\"name\": \"roll\"", "{\"name\": \"say\"", " \t{ \"type\" : \"function\",\r\n\"name\"  :\"say\"",
            "[roll(", " [ say\t(", "[toll(", "[print(roll(", "```tool_code\nprint(say(", "<|python_tag|>roll.call(", "[roll.call(", "<function=roll>", "<start_function_call>call:say{", "<tool_call><function=say>\n<parameter=",
            "{\"parameters\": {}, \"name\": \"roll\"", "{\"name\": \"ro\\u006cl\"", "{\"na\\u006de\": \"roll\"", "{\"type\": \"function\", \"type\": \"function\", \"name\": \"roll\"",
        ];
        var calls = 0;
        for (var seed = 0; seed < 120; seed++)
        {
            var pieces = Draw(name, hasControls, new ToolUse(), seed, beginnings[seed % beginnings.Length]);
            var read = Calls(pieces, out _);
            Assert.All(read, Check);
            calls += read.Count;
        }

        Assert.InRange(calls, 10, 1000);
    }

    [Fact]
    public void Tools_of_which_no_schema_can_be_kept_are_called_by_their_names_with_any_object()
    {
        // More than a form may be made of, or what no grammar can say.
        foreach (var schema in (string[])["{\"description\":\"" + new string('x', TextLimits.SchemaBytesMax) + "\"}", """{"not":{}}"""])
        {
            var forms = new AnswerForms(new ByteTokenizer(ByteTokenizer.End), ToolCallFormat.Hermes);
            var request = new GenerationRequest { Messages = [], Tools = [new("roll", null, schema)] };
            var form = forms.Of(request, thoughts: null)!;
            Assert.NotEqual(Automaton.Dead, StateAfter(form, "<tool_call>{\"name\": \"roll\", \"arguments\": {\"a\": [1]}}</tool_call>"));
            Assert.Equal(Automaton.Dead, StateAfter(form, "<tool_call>{\"name\": \"toll\""));
            Assert.Equal(Automaton.Dead, StateAfter(form, "<tool_call>{\"name\": \"roll\", \"arguments\": 7"));
            Assert.Throws<GenerationRejectedException>(() => forms.Of(request with { Tools = [request.Tools[0] with { IsStrict = true }] }, thoughts: null));
        }

    }

    /// <summary>A call of the tool "roll" with 6 sides, in each way of the format.</summary>
    private static IEnumerable<string> Rolls(ToolCallFormat format)
    {
        if (format.HasTags)
            yield return "<tool_call>\n<function=roll>\n<parameter=sides>\n6\n</parameter>\n</function>\n</tool_call>";
        else if (format.NameEnd.Length > 0)
            yield return $"{format.Open}roll{format.NameEnd}{{\"sides\": 6}}{format.Close}";
        else if (format.HasObjects)
            yield return $"{format.Open}{format.ListOpen}{{\"name\": \"roll\", \"{format.ArgumentsKey}\": {{\"sides\": 6}}}}{format.Close}";
        if (format.Notation is { } signs)
            yield return $"{format.Open}{format.ListOpen}roll{format.Suffix}{signs.Open}sides{signs.Assign}6{signs.Close}{format.Close}";
    }

    private static int StateAfter(CompiledForm form, string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(form.Start, (state, value) => state == Automaton.Dead ? state : form.After(state, value));

    private static (CompiledForm Form, OutputParser Reader, ByteTokenizer Tokenizer) Ready(string name, bool hasControls, ToolUse use)
    {
        var format = FamilyTemplates.Format(name);
        var tokenizer = new ByteTokenizer([ByteTokenizer.End, .. hasControls ? format.Tags.Distinct() : []]);
        var forms = new AnswerForms(tokenizer, format);
        // Whether a schema was promised or not, what can be kept is.
        var request = new GenerationRequest { Messages = [], Tools = hasControls ? s_tools : [.. s_tools.Select(t => t with { IsStrict = false })], ToolUse = use };
        return (forms.Of(request, thoughts: null)!, forms.ReaderOf(request, thoughts: null), tokenizer);
    }

    private static bool Allows(string name, bool hasControls, ToolUse use, string answer)
    {
        var (form, _, tokenizer) = Ready(name, hasControls, use);
        var state = form.Start;
        foreach (var value in Encoding.UTF8.GetBytes(answer))
        {
            if (!Has(form.Mask(state), value))
                return false;
            state = form.After(state, value);
        }

        return Has(form.Mask(state), tokenizer.EosId);
    }

    /// <summary>An answer of tokens drawn by chance, as it is read.</summary>
    private static List<OutputPiece> Draw(string name, bool hasControls, ToolUse use, int seed, string beginning = "")
    {
        var (form, reader, tokenizer) = Ready(name, hasControls, use);
        var (random, state, pieces) = (new Random(seed), form.Start, new List<OutputPiece>());
        foreach (var value in Encoding.UTF8.GetBytes(beginning).TakeWhile(value => Has(form.Mask(state), value)))
        {
            reader.Accept(value, pieces);
            state = form.After(state, value);
        }

        for (var count = 0; count < 4000; count++)
        {
            var mask = form.Mask(state);
            if (Has(mask, tokenizer.EosId) && random.Next(2) == 0)
                break;
            int[] allowed = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => Has(mask, id) && id != tokenizer.EosId)];
            if (allowed.Length == 0)
                break;
            int[] dense = [.. allowed.Where(id => !" \t\n".Contains((char)id))];
            var drawn = dense.Length > 0 && random.Next(4) > 0 ? dense : allowed;
            var token = drawn[random.Next(drawn.Length)];
            reader.Accept(token, pieces);
            state = form.After(state, token);
            Assert.NotEqual(Automaton.Dead, state);
        }

        Assert.True(Has(form.Mask(state), tokenizer.EosId));
        reader.Finish(pieces);
        return pieces;
    }

    private static List<(string Name, string Arguments)> Calls(List<OutputPiece> pieces, out string text)
    {
        text = string.Concat(pieces.Where(p => p.IsText).Select(p => p.Text)).Trim();
        return [.. pieces.Where(p => !p.IsText).GroupBy(p => p.CallIndex).Select(c => (c.First().Name!, string.Concat(c.Select(p => p.Text))))];
    }

    private static void Check((string Name, string Arguments) call)
    {
        var arguments = JsonNode.Parse(call.Arguments)!.AsObject();
        if (call.Name == "roll")
            Assert.Contains((int)arguments["sides"]!, (int[])[6, 20]);
        else
            Assert.Contains((string)arguments["text"]!, (string[])["]}[{", "; {", "```", "[ARGS]"]);
    }

    private static bool Has(ulong[] mask, int token) => (mask[token / 64] >> (token % 64) & 1) != 0;
}
