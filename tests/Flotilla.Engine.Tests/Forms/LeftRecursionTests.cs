using Flotilla.Engine.Forms;
using Flotilla.Engine.Forms.Grammars;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Rules that call themselves before they have read a byte, and what it costs to find none.</summary>
public sealed class LeftRecursionTests
{
    /// <summary>That the last rule may be empty is known last, and says the same of the one before, and so on: a walk through all for each would be millions.</summary>
    [Theory]
    [InlineData(100, false)]
    [InlineData(100, true)]
    [InlineData(4000, false)]
    [InlineData(4000, true)]
    public void Rules_that_may_be_empty_one_behind_the_other_are_walked_once(int length, bool backwards)
    {
        var grammar = new GrammarBuilder();
        int[] rules = [.. Enumerable.Range(0, length).Select(_ => grammar.NewRule())];
        if (backwards)
            Array.Reverse(rules);
        for (var index = 0; index < length; index++)
        {
            var behind = index == length - 1 ? grammar.Text("x", Grammar.Return) : grammar.Call(rules[index + 1], grammar.Call(rules[index + 1], Grammar.Return));
            grammar.Define(rules[index], index == length - 1 ? grammar.Either(behind, Grammar.Return) : behind);
        }

        Walked(grammar.Build(rules[0]));
    }

    /// <summary>What rules have in common is not walked again for each of them.</summary>
    [Fact]
    public void A_beginning_that_thousands_of_rules_share_is_walked_once()
    {
        var grammar = new GrammarBuilder();
        var shared = grammar.Text("x", Grammar.Return);
        for (var depth = 0; depth < 10_000; depth++)
            shared = grammar.Either(shared, grammar.Text("y", Grammar.Return));
        int[] rules = [.. Enumerable.Range(0, 4000).Select(_ => grammar.NewRule(shared))];
        Walked(grammar.Build(grammar.NewRule(grammar.Either([.. rules.Select(rule => grammar.Call(rule, Grammar.Return))]))));
    }

    [Fact]
    public void What_may_be_empty_uncovers_the_call_behind_it()
    {
        Assert.Throws<FormException>(() => WithBefore(grammar => grammar.Either(grammar.Text("a", Grammar.Return), Grammar.Return)));
        Assert.Throws<FormException>(() => WithBefore(grammar => grammar.Call(grammar.NewRule(Grammar.Return), Grammar.Return)));
        WithBefore(grammar => grammar.Text("a", Grammar.Return));
        WithBefore(grammar => grammar.Call(grammar.NewRule(grammar.Text("a", Grammar.Return)), Grammar.Return));

        // A rule that calls another one and then, behind it, itself; or ends.
        static Grammar WithBefore(Func<GrammarBuilder, int> before)
        {
            var grammar = new GrammarBuilder();
            var rule = grammar.NewRule();
            grammar.Define(rule, grammar.Maybe(next => grammar.Call(grammar.NewRule(before(grammar)), grammar.Call(rule, next)), Grammar.Return));
            return grammar.Build(rule);
        }
    }

    [Fact]
    public void Circles_of_rules_are_refused_and_repetitions_of_one_that_may_be_empty_are_not()
    {
        var grammar = new GrammarBuilder();
        var (one, two) = (grammar.NewRule(), grammar.NewRule());
        grammar.Define(one, grammar.Maybe(next => grammar.Call(two, next), Grammar.Return));
        grammar.Define(two, grammar.Maybe(next => grammar.Call(one, next), grammar.Text("a", Grammar.Return)));
        Assert.Throws<FormException>(() => grammar.Build(one));
        grammar.Define(two, grammar.Maybe(next => grammar.Text("b", next), Grammar.Return));
        grammar.Define(one, grammar.Loop(next => grammar.Call(two, next), Grammar.Return));
        grammar.Build(one);
        grammar.Define(one, grammar.Call(one, Grammar.Return));
        Assert.Throws<FormException>(() => grammar.Build(one));
    }

    private static void Walked(Grammar grammar)
    {
        var recursion = new LeftRecursion(grammar);
        recursion.Refuse();
        Assert.InRange(recursion.Steps, grammar.NodeCount / 2, 6 * grammar.NodeCount);
    }
}
