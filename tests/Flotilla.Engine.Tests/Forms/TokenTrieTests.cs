using System.Text;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;
using Flotilla.Engine.Forms.Schemas;
using Flotilla.Engine.Models;
using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Masks against plain reading of every token.</summary>
public sealed class TokenTrieTests
{
    [Fact]
    public void A_mask_has_the_tokens_that_can_be_read()
    {
        var tokenizer = LoadedModel.Load(
            Engines.DemoModel,
            0, null, TestContext.Current.CancellationToken).Tokenizer;
        var builder = new GrammarBuilder();
        var json = new JsonRules(builder, new PatternRules(builder));
        var automaton = new Automaton(builder.Build(builder.NewRule(json.AnyValue(Grammar.Return))));
        var trie = new TokenTrie(new VisibleTokens(tokenizer, ["<tool_call>", "</tool_call>"]));
        var state = automaton.Start;
        foreach (var value in "{\"a\": [1.5, \"x\\u00e9 "u8.ToArray())
        {
            Check(tokenizer, automaton, trie.Mask(automaton, state), state);
            state = automaton.Next(state, value);
        }
    }

    private static void Check(ITokenizer tokenizer, Automaton automaton, ulong[] mask, int state)
    {
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            var reached = state;
            var bytes = tokenizer.BytesOf(token).Span;
            foreach (var value in bytes)
                reached = reached == Automaton.Dead ? reached : automaton.Next(reached, value);
            var isTag = Encoding.UTF8.GetString(bytes) is "<tool_call>" or "</tool_call>";
            var expected = tokenizer.IsEndOfGeneration(token)
                ? automaton.IsComplete(state)
                : bytes.Length > 0 && reached != Automaton.Dead && (!tokenizer.IsControl(token) || isTag);
            Assert.Equal(expected, (mask[token / 64] >> (token % 64) & 1) != 0);
        }
    }
}
