using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.Jobs;

/// <summary>What may be said of prompts, and when.</summary>
public sealed class PromptRulesTests
{
    [Fact]
    public void Tokens_of_each_prompt_come_in_order_before_its_output()
    {
        var rules = Rules(alternatives: 2);
        Assert.Null(Admit(rules, Ready(3), Prompt(0, 0, "a", "b"), Ready(1, choice: 2), Prompt(0, 2, "x"), Text("said", choice: 3), Prompt(2, 0, "c"), Text("said", choice: 1), Text("said")));
    }

    public static TheoryData<string, Event[]> Wrong => new()
    {
        { "output of choice 0 before all tokens of its prompt", [Text("early")] },
        { "output of choice 1 before all tokens of its prompt", [Ready(2), Prompt(0, 0, "a"), Text("early", choice: 1)] },
        { "output of choice 2 before all tokens of its prompt", [Ready(1), Prompt(0, 0, "a"), Done(choice: 2)] },
        { "1 tokens of a prompt from position 0 where 0 of 0", [Prompt(0, 0, "a")] },
        { "1 tokens of a prompt from position 1 where 0 of 2", [Ready(2), Prompt(1, 0, "a")] },
        { "1 tokens of a prompt from position 0 where 1 of 2", [Ready(2), Prompt(0, 0, "a"), Prompt(0, 0, "a")] },
        { "3 tokens of a prompt from position 0 where 0 of 2", [Ready(2), Prompt(0, 0, "a", "b", "c")] },
        { "0 tokens of a prompt", [Ready(2), Prompt(0, 0)] },
        { "no first choice", [Ready(2), Prompt(0, 1, "a")] },
        { "not the first of its prompt", [Ready(2, choice: 1)] },
        { "empty or comes twice", [Ready(2), Ready(2)] },
        { "empty or comes twice", [Ready(0)] },
        { "limit is 500000", [Ready(90_000)] },
        { "token 0 of a prompt with 0 alternatives, with a logprob", [Ready(2), First(t => (t.Logprob, t.Rank) = (-1, 1))] },
        { "token 1 of a prompt with 0 alternatives, without a logprob", [Ready(2), Second(new TokenOutput())] },
        { "token 1 of a prompt with 0 alternatives, with a logprob", [Ready(2), Second(new TokenOutput { Logprob = -1 })] },
        { "token 1 of a prompt with 3 alternatives", [Ready(2), Second(new TokenOutput { Logprob = -1, Rank = 1, Top = { new TokenAlternative(), new TokenAlternative(), new TokenAlternative() } })] },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wrong))]
    public void Anything_else_is_wrong(string wrong, Event[] events) => Assert.Contains(wrong, Admit(Rules(alternatives: 2), events), StringComparison.Ordinal);

    [Fact]
    public void Nobody_tells_tokens_that_were_not_asked_for() =>
        Assert.Contains("does not ask", Admit(Rules(alternatives: null), Ready(2), Prompt(0, 0, "a")), StringComparison.Ordinal);

    [Fact]
    public void More_alternatives_than_any_answer_lists_are_refused()
    {
        var fault = JobKind.Text.Check(Request(21));
        Assert.Equal(("prompt_logprobs", 20UL, 21UL), (fault!.Param, fault.Limit, fault.Value));
        Assert.Null(JobKind.Text.Check(Request(20)));
    }

    private static OutputRules Rules(uint? alternatives) => new(JobKind.Text, JobKind.Text.Shape(Request(alternatives)));

    private static TextRequest Request(uint? alternatives)
    {
        var request = new TextRequest { Prompts = new Prompts { Items = { new Prompt { Text = new string('a', 100_000) }, new Prompt { Text = "b" } } }, MaxTokens = 5, Choices = 2 };
        if (alternatives is { } count)
            request.PromptLogprobs = count;
        return request;
    }

    private static string? Admit(OutputRules rules, params Event[] events) => events.Select(item => rules.Admit(item, out _)).FirstOrDefault(wrong => wrong is not null);

    private static Event Ready(uint tokens, uint choice = 0) => new() { Choice = choice, PromptReady = new PromptReady { PromptTokens = tokens } };

    private static Event First(Action<TokenOutput> change)
    {
        var item = Prompt(0, 0, "a");
        change(item.PromptTokens.Tokens[0]);
        return item;
    }

    private static Event Second(TokenOutput token)
    {
        var item = Prompt(0, 0, "a");
        item.PromptTokens.Tokens.Add(token);
        return item;
    }
}
