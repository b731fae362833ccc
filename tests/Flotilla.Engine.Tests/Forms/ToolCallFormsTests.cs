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
        foreach (var text in (string[])["Hello [x] <t> ``` there.", " \n\n 7", ""])
            Assert.True(Allows(name, hasControls, new ToolUse(), text), text);
        var call = format.NameEnd.Length > 0 ? "[TOOL_CALLS]roll[ARGS]{\"sides\": 6}"
            : $"{format.Open}{format.ListOpen}{{\"name\": \"roll\", \"{format.ArgumentsKey}\": {{\"sides\": 6}}}}{format.Close}";
        Assert.True(Allows(name, hasControls, new ToolUse(), $"Well. {call}"));
        Assert.False(Allows(name, hasControls, new ToolUse(), $"Well. {call.Replace("6", "7", StringComparison.Ordinal)}"));
        Assert.False(Allows(name, hasControls, new ToolUse(), $"Well. {call.Replace("roll", "toll", StringComparison.Ordinal)}"));
        Assert.False(Allows(name, hasControls, new ToolUse { IsRequired = true }, $"Well. {call}"));
        Assert.Equal(format.IsOpenOptional, Allows(name, hasControls, new ToolUse { IsRequired = true }, call[format.Open.Length..]));
        if (format.IsOpenOptional)
            Assert.False(Allows(name, hasControls, new ToolUse(), "{\"name\": \"roll\", \"parameters\": {\"sides\": 7}}"));
    }

    private static (CompiledForm Form, OutputParser Reader, ByteTokenizer Tokenizer) Ready(string name, bool hasControls, ToolUse use)
    {
        var format = FamilyTemplates.Format(name);
        var tokenizer = new ByteTokenizer([ByteTokenizer.End, .. hasControls ? format.Tags.Distinct() : []]);
        var forms = new AnswerForms(tokenizer, format);
        var request = new GenerationRequest { Messages = [], Tools = s_tools, ToolUse = use };
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
    private static List<OutputPiece> Draw(string name, bool hasControls, ToolUse use, int seed)
    {
        var (form, reader, tokenizer) = Ready(name, hasControls, use);
        var (random, state, pieces) = (new Random(seed), form.Start, new List<OutputPiece>());
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
