using Flotilla.Engine.Chat;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Tests.Tokenization;
using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

public class PromptBuilderTests
{
    private const string ChatMl =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    [Fact]
    public void A_conversation_becomes_the_tokens_of_the_rendered_template()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));
        var ids = Build(ChatMl, tokenizer);
        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", TestVocabulary.Decode(tokenizer, ids));
        Assert.Equal(3, ids.Count(tokenizer.IsControl));
    }

    [Theory]
    [InlineData("{{ bos_token }}")]
    [InlineData("")]
    public void The_first_token_is_there_once_whoever_writes_it(string beginning)
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("llama-bpe"));
        var ids = Build(beginning + ChatMl, tokenizer);
        Assert.Equal(tokenizer.BosId, ids[0]);
        Assert.Equal(1, ids.Count(id => id == tokenizer.BosId));
    }

    [Fact]
    public void A_template_that_states_the_date_states_the_one_it_is_given()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));
        var builder = new PromptBuilder(ChatTemplate.Parse("{{ strftime_now('%d %b %Y') }}"), tokenizer);
        var given = new DateTimeOffset(2026, 11, 5, 23, 59, 0, TimeSpan.Zero);
        Assert.Equal("05 Nov 2026", TestVocabulary.Decode(tokenizer, builder.Build([], [], given, TestContext.Current.CancellationToken)));
        Assert.Equal("26 Jul 2024", TestVocabulary.Decode(tokenizer, builder.Build([], [], null, TestContext.Current.CancellationToken)));
    }

    private static int[] Build(string template, ITokenizer tokenizer) =>
        new PromptBuilder(ChatTemplate.Parse(template), tokenizer)
            .Build([new ChatMessage("user", "hello")], [], null, TestContext.Current.CancellationToken);
}
