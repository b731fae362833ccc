using System.Text;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Forms.Grammars;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>What a request's answer may be, token by token, of a model that thinks.</summary>
public sealed class AnswerFormsTests
{
    private const int Think = 256;
    private const int Thought = 257;
    private const int End = 258;
    private const int Call = 259;

    private static readonly ByteTokenizer s_tokenizer = new("<think>", "</think>", ByteTokenizer.End, "<tool_call>");
    private static readonly ToolDefinition s_tool = new("now", null, "{}");
    private static readonly GenerationRequest s_number = new() { Messages = [], AnswerSchema = """{"type":"integer"}""" };

    [Fact]
    public void A_thought_may_come_before_the_form_and_is_free()
    {
        Assert.True(Allows(s_number, [1], ["7"]));
        Assert.True(Allows(s_number, [1], [Think, "\nHm { \"", Thought, "\n\n7"]));
        Assert.False(Allows(s_number, [1], ["Hm", Thought, "7"]));
        Assert.False(Allows(s_number, [1], [Think, "7"]));
        Assert.False(Allows(s_number, [1], [Think, "a", Thought, "b"]));
        Assert.False(Allows(s_number, [1], ["7", Think, "a", Thought]));
    }

    [Fact]
    public void A_thought_that_the_prompt_opened_must_end_before_the_form()
    {
        Assert.True(Allows(s_number, [Think], ["Hm", Thought, "7"]));
        Assert.False(Allows(s_number, [Think], ["7"]));
    }

    [Fact]
    public void A_tool_that_is_thought_of_is_not_called()
    {
        var request = new GenerationRequest { Messages = [], Tools = [s_tool], ToolUse = new ToolUse { IsRequired = true, IsSingle = true } };
        const string Call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
        Assert.True(Allows(request, [1], [Call]));
        Assert.True(Allows(request, [1], [Think, "I could <tool_call>", Thought, Call]));
        Assert.False(Allows(request, [1], ["Well, ", Call]));
        Assert.False(Allows(request, [1], [Call, Call]));
        Assert.True(Allows(request with { ToolUse = new ToolUse { IsRequired = true } }, [1], [Call, "\n", Call]));
        Assert.True(Allows(request with { ToolUse = new ToolUse { IsSingle = true } }, [1], ["Well, <tool> ", Call]));
        Assert.True(Allows(request with { ToolUse = new ToolUse { IsSingle = true } }, [1], ["Well."]));
        Assert.False(Allows(request with { ToolUse = new ToolUse { IsSingle = true } }, [1], [Call, Call]));
        Assert.False(Allows(request, [1], [Call.Replace("now", "then", StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_schema_that_need_not_be_kept_and_cannot_leaves_an_object()
    {
        var text = """{"type":"string","maxLength":1000}""";
        var large = "{\"properties\":{" + string.Join(',', Enumerable.Range(0, 26).Select(i => $"\"p{i}\":{text}")) + "}}";
        foreach (var schema in new[] { large, """{"type":"string","enum":[1]}""", """{"type":"string","pattern":"\ud800"}""", """{"not":{}}""" })
        {
            var request = new GenerationRequest { Messages = [], AnswerSchema = schema, IsSchemaStrict = false };
            Assert.True(Allows(request, [1], ["{\"p0\": [1]}"]));
            Assert.False(Allows(request, [1], ["7"]));
            Assert.Equal(
                GenerationRejection.FormNotSupported,
                Assert.Throws<GenerationRejectedException>(() => Allows(request with { IsSchemaStrict = true }, [1], ["{}"])).Reason);
        }
    }

    [Fact]
    public void A_form_that_was_too_ambiguous_for_one_answer_serves_the_next()
    {
        // Every character opens more ways to go on, so much is found before somebody is told that it is too much.
        var request = new GenerationRequest { Messages = [], AnswerSchema = """{"type":"string","pattern":"^(?:.{0,20}){0,100}$"}""" };
        var form = new AnswerForms(s_tokenizer, ToolCallFormat.Hermes).Of(request, null)!;
        var text = Encoding.UTF8.GetBytes($"\"{new string('x', 200)}").Select(b => (int)b).ToArray();
        for (var answer = 0; answer < 60; answer++)
        {
            var follower = new FormFollower(form);
            var error = Assert.Throws<GenerationFailedException>(() =>
            {
                for (var length = 0; length < text.Length; length++)
                    Assert.True(Has(follower.Allowed(text[..length], promptLength: 0), text[length]));
            });
            Assert.Contains("too ambiguous", error.Message, StringComparison.Ordinal);
            Assert.InRange(form.PlacesKept, 1, 2L * TextLimits.FormPlacesKept);
        }
    }

    /// <summary>However much that is in all: each token costs no more than where it was drawn. And nobody else waits for it.</summary>
    [Fact]
    public void An_answer_that_was_kept_is_read_again_to_its_end()
    {
        var (tokens, mask) = (Tokens($"\"{new string('a', 200)}"), (ulong[])[]);
        var (form, again) = (Ambiguous(), Ambiguous());
        var follower = new FormFollower(form);
        for (var length = 0; length <= tokens.Length; length++)
            mask = follower.Allowed(tokens[..length], promptLength: 0);
        Assert.Equal(mask, new FormFollower(Ambiguous()).Allowed(tokens, promptLength: 0));
        var kept = again.PlacesKept;
        var behind = FormFollower.Behind(again, tokens, TestContext.Current.CancellationToken);
        Assert.Equal(kept, again.PlacesKept);
        Assert.Equal(mask, behind.Allowed(tokens, promptLength: 0));
        Assert.ThrowsAny<OperationCanceledException>(() => FormFollower.Behind(again, tokens, new CancellationToken(canceled: true)));
        var broken = FormFollower.Behind(again, Tokens("\"aaab"), TestContext.Current.CancellationToken);
        Assert.Contains("break the form", Assert.Throws<GenerationFailedException>(() => broken.Allowed([], promptLength: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_make_a_form_forget_changes_no_answer()
    {
        var (form, alone) = (Ambiguous(), Ambiguous());
        var (follower, lonely) = (new FormFollower(form), new FormFollower(alone));
        var tokens = Tokens($"\"{new string('a', 150)}");
        Assert.Equal(lonely.Allowed(tokens, 0), follower.Allowed(tokens, 0));
        var (epoch, other, others) = (form.Epoch, new FormFollower(form), Tokens($"\"{new string('c', 2000)}"));
        for (var length = 1; form.Epoch == epoch; length++)
            Assert.True(Has(other.Allowed(others[..length], 0), 'c'));
        for (var more = 0; more < 20; more++)
        {
            tokens = [.. tokens, 'a'];
            Assert.Equal(lonely.Allowed(tokens, 0), follower.Allowed(tokens, 0));
        }

        Assert.NotEqual(alone.Epoch, form.Epoch);
    }

    /// <summary>What others have found costs an answer as much as if it were the first: else it would go further beside them than alone.</summary>
    [Fact]
    public void Where_an_answer_becomes_too_ambiguous_does_not_depend_on_who_came_before()
    {
        var request = new GenerationRequest { Messages = [], AnswerSchema = """{"type":"string","pattern":"^(?:.{0,20}){0,100}$"}""" };
        var form = new AnswerForms(s_tokenizer, ToolCallFormat.Hermes).Of(request, null)!;
        var tokens = Tokens($"\"{new string('x', 200)}");
        int[] reached = [.. Enumerable.Range(0, 8).Select(_ => Reached(new FormFollower(form)))];
        Assert.InRange(reached[0], 1, 199);
        Assert.All(reached, length => Assert.Equal(reached[0], length));

        int Reached(FormFollower follower)
        {
            for (var length = 0; length < tokens.Length; length++)
            {
                try
                {
                    follower.Allowed(tokens[..length], promptLength: 0);
                }
                catch (GenerationFailedException)
                {
                    return length;
                }
            }

            return tokens.Length;
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_a_form_lets_through_is_what_is_shown(bool hasTools, bool thinks)
    {
        var request = new GenerationRequest { Messages = [], AnswerSchema = """{"type":"string"}""", Tools = hasTools ? [s_tool] : [] };
        var forms = new AnswerForms(s_tokenizer, ToolCallFormat.Hermes);
        var thoughts = thinks ? ThinkReader.For(s_tokenizer, [1]) : null;
        var form = forms.Of(request, thoughts)!;
        var inside = form.Mask(form.After(form.Start, '"'));
        foreach (var (tag, isRead) in new[] { (Think, thinks), (Thought, thinks), (Call, hasTools) })
        {
            var (reader, pieces) = (forms.ReaderOf(request, thinks ? ThinkReader.For(s_tokenizer, [1]) : null), new List<OutputPiece>());
            reader.Accept('"', pieces);
            reader.Accept(tag, pieces);
            reader.Finish(pieces);
            Assert.Equal(isRead, pieces.Sum(p => p.Text.Length) > 1);
            Assert.Equal(isRead, Has(inside, tag));
            Assert.Equal(isRead, form.After(form.After(form.Start, '"'), tag) != Automaton.Dead);
        }
    }

    [Fact]
    public void A_schema_beside_tools_leaves_the_choice()
    {
        var request = s_number with { Tools = [s_tool] };
        Assert.True(Allows(request, [1], ["7"]));
        Assert.True(Allows(request, [1], ["<tool_call>{\"name\":\"now\",\"arguments\":{\"a\":1}}</tool_call>"]));
        Assert.False(Allows(request, [1], ["<tool_call>{\"name\":\"now\",\"arguments\":[]}</tool_call>"]));
        Assert.False(Allows(request, [1], ["Hello"]));
    }

    [Fact]
    public void Who_asks_for_nothing_is_held_to_nothing()
    {
        var forms = new AnswerForms(s_tokenizer, ToolCallFormat.Hermes);
        var tools = new GenerationRequest { Messages = [], Tools = [s_tool] };
        Assert.Null(forms.Of(new GenerationRequest { Messages = [] }, thoughts: null));
        Assert.Null(forms.Of(tools with { IgnoreEos = true }, thoughts: null));
        Assert.Null(new AnswerForms(s_tokenizer, toolCalls: null).Of(tools, thoughts: null));
        Assert.Same(forms.Of(s_number, null), forms.Of(s_number with { MaxTokens = 3 }, null));
        Assert.NotSame(forms.Of(s_number, null), forms.Of(s_number, ThinkReader.For(s_tokenizer, [1])));
    }

    [Fact]
    public void What_a_model_cannot_be_held_to_is_refused()
    {
        var forms = new AnswerForms(s_tokenizer, toolCalls: null);
        var use = new ToolUse { IsRequired = true };
        Assert.Equal(GenerationRejection.FormNotSupported, Refusal(new GenerationRequest { Tools = [s_tool], ToolUse = use }));
        Assert.Equal(GenerationRejection.OptionOutOfRange, Refusal(new GenerationRequest { ToolUse = use }));
        Assert.Equal(GenerationRejection.OptionOutOfRange, Refusal(new GenerationRequest { Tools = [s_tool], ToolUse = use with { Name = "then" } }));

        GenerationRejection Refusal(GenerationRequest request) => Assert.Throws<GenerationRejectedException>(() => forms.Of(request, thoughts: null)).Reason;
    }

    private static bool Allows(GenerationRequest request, int[] prompt, object[] parts)
    {
        var form = new AnswerForms(s_tokenizer, ToolCallFormat.Hermes).Of(request, ThinkReader.For(s_tokenizer, prompt))!;
        var state = form.Start;
        foreach (var token in parts.SelectMany(part => part is int id ? [id] : Encoding.UTF8.GetBytes((string)part).Select(b => (int)b)))
        {
            if (!Has(form.Mask(state), token))
                return false;
            state = form.After(state, token);
            Assert.NotEqual(Automaton.Dead, state);
        }

        return Has(form.Mask(state), End);
    }

    private static int[] Tokens(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];

    /// <summary>Strings of one letter, each of which can be read in some ten thousand ways.</summary>
    private static CompiledForm Ambiguous() => new AnswerForms(s_tokenizer, ToolCallFormat.Hermes).Of(
        new GenerationRequest { Messages = [], AnswerSchema = """{"type":"string","pattern":"^(?:(?:a{0,300}){0,40}|(?:c{0,300}){0,40})$"}""" }, null)!;

    private static bool Has(ulong[] mask, int token) => (mask[token / 64] >> (token % 64) & 1) != 0;
}
