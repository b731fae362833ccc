using Flotilla.Engine.Chat;
using Flotilla.Engine.Tests.Sampling;
using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

public sealed class ThinkReaderTests
{
    public static TheoryData<bool, string, string, string> Texts => new()
    {
        { false, "<think>\nA < b, so </thin no.\n</think>\n\nYes.\n", "A < b, so </thin no.", "Yes.\n" },
        { false, "  <think></think>Yes", "", "Yes" },
        { false, "Yes <think>no</think>", "", "Yes <think>no</think>" },
        { false, "<thing>", "", "<thing>" },
        { false, "<think>\nnever ends", "never ends", "" },
        { false, "", "", "" },
        { false, "<thi", "", "<thi" },
        { false, " \n", "", " \n" },
        { true, "\nHm.\n</think>\n\nYes", "Hm.", "Yes" },
        { true, "Hm </think", "Hm </think", "" },
        { true, "</think>\n{}", "", "{}" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void However_a_text_is_cut_thought_and_answer_are_the_same(bool isOpen, string text, string thought, string answer)
    {
        Cut("<think>", isOpen, text, thought, answer);
        Cut("[THINK]", isOpen, Mistrals(text), thought, Mistrals(answer));

        static string Mistrals(string text) => text.Replace("<think>", "[THINK]", StringComparison.Ordinal).Replace("</think>", "[/THINK]", StringComparison.Ordinal);
    }

    private static void Cut(string tag, bool isOpen, string text, string thought, string answer)
    {
        for (var size = 1; size <= text.Length + 1; size++)
        {
            var reader = Reader(isOpen, tag);
            var (thoughts, answers) = ("", "");
            for (var at = 0; at < text.Length; at += size)
                Add(reader.Accept(text[at..Math.Min(at + size, text.Length)]));
            Add(reader.Finish());
            Assert.Equal((thought, answer), (thoughts, answers));

            void Add((string Thought, string Answer) more) => (thoughts, answers) = (thoughts + more.Thought, answers + more.Answer);
        }
    }

    [Fact]
    public void A_model_without_the_tag_does_not_think() => Assert.Null(ThinkReader.For(new LetterTokenizer(), [1, 2]));

    [Fact]
    public void A_prompt_that_opens_the_thought_begins_inside()
    {
        Assert.True(ThinkReader.For(new ThinkingTokenizer(), [1, 3])!.IsThinking);
        Assert.True(ThinkReader.For(new ThinkingTokenizer(), [1, 3, 4])!.IsThinking);
        Assert.False(ThinkReader.For(new ThinkingTokenizer(), [1, 3, 1])!.IsThinking);
        Assert.False(ThinkReader.For(new ThinkingTokenizer(), [3, 4, 4])!.IsThinking);
        Assert.False(ThinkReader.For(new ThinkingTokenizer(), [])!.IsThinking);
    }

    private static ThinkReader Reader(bool isOpen, string tag) => ThinkReader.For(new ThinkingTokenizer(tag), isOpen ? [3] : [1])!;

    /// <summary>Token 3 is the tag, token 4 a line end, all others are letters.</summary>
    private sealed class ThinkingTokenizer(string tag = "<think>") : ITokenizer
    {
        public int VocabularySize => 8;

        public int TokenCharsMax => 16;

        public int? BosId => null;

        public int EosId => 7;

        public bool AddsBos => false;

        public bool IsEndOfGeneration(int id) => id == EosId;

        public bool IsControl(int id) => false;

        public int[] Encode(string text, bool parseSpecial, bool addBos) => text == tag ? [3] : [.. text.Select(letter => letter - 'a')];

        public int[] EncodePrompt(string text, ReadOnlySpan<bool> foreign, bool addBos) => Encode(text, parseSpecial: true, addBos);

        public ReadOnlyMemory<byte> BytesOf(int id) => id switch { 3 => System.Text.Encoding.UTF8.GetBytes(tag), 4 => "\n"u8.ToArray(), _ => new[] { (byte)('a' + id) } };
    }
}
