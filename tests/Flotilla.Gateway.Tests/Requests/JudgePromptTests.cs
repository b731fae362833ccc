using System.Text;
using Flotilla.Gateway.Ensembles;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Tests.Requests;

public sealed class JudgePromptTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(2048)]
    [InlineData(8192)]
    public void Whatever_was_said_the_question_fits_the_judges_context(uint context)
    {
        var asked = JudgePrompt.Request("m", ProviderPreferences.None);
        asked.Work.Chat.Messages.Add(new Message { Role = "user", Content = new string('x', 50_000) + "the end" });
        var judge = JudgePrompt.Request("j", ProviderPreferences.None);

        JudgePrompt.Write(judge.Work.Chat, asked, ["ä😀" + new string('ß', 9000), "short", string.Concat(Enumerable.Repeat("😀", 4000))], context);

        var bytes = judge.Work.Chat.Messages.Sum(m => Encoding.UTF8.GetByteCount(m.Content));
        // Where even the task does not fit, the node says so; nothing else is added then.
        Assert.InRange(bytes, 0, (int)Math.Max(context, 600u));
        if (context >= 2048)
            Assert.Contains("the end", judge.Work.Chat.Messages[1].Content, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', judge.Work.Chat.Messages[1].Content);
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData(" Answer 3!", 2)]
    [InlineData("0", null)]
    [InlineData("4", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("", null)]
    [InlineData("two", null)]
    public void A_word_names_an_answer_or_none(string word, int? place) => Assert.Equal(place, JudgePrompt.Read(word, 3));
}
