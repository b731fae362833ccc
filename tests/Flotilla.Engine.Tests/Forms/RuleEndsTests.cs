using Flotilla.Engine.Forms.Grammars;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>From which places of a grammar an end can be reached.</summary>
public sealed class RuleEndsTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(3000)]
    public void A_chain_of_rules_is_walked_once(int length)
    {
        // As references make it: each rule calls one that is defined after it.
        var grammar = new GrammarBuilder();
        int[] rules = [.. Enumerable.Range(0, length).Select(_ => grammar.NewRule())];
        for (var index = 0; index < length - 1; index++)
            grammar.Define(rules[index], grammar.Text("[", grammar.Call(rules[index + 1], grammar.Text("]", Grammar.Return))));
        grammar.Define(rules[^1], grammar.Text("0", Grammar.Return));
        var found = new RuleEnds(grammar.Build(rules[0]), mayRead: true);
        var ends = found.Find();
        Assert.All(ends.Where((_, node) => node != 1), Assert.True);
        Assert.InRange(found.Steps, length, 5 * length);
    }

    [Fact]
    public void What_leads_nowhere_is_told_from_what_ends()
    {
        var grammar = new GrammarBuilder();
        var (endless, nothing) = (grammar.NewRule(), grammar.Bytes(default, Grammar.Return));
        var circle = grammar.Text("x", grammar.Call(endless, Grammar.Return));
        grammar.Define(endless, circle);
        var loop = grammar.Loop(next => grammar.Text("a", next), Grammar.Return);
        var either = grammar.Either(circle, nothing, loop);
        var ends = new RuleEnds(grammar.Build(grammar.NewRule(either)), mayRead: true).Find();
        Assert.Equal((false, false, true, true), (ends[circle], ends[nothing], ends[loop], ends[either]));
    }
}
