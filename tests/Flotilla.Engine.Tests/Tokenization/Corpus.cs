using System.Text;

namespace Flotilla.Engine.Tests.Tokenization;

/// <summary>
/// Texts such as people send, and such as nobody does: many scripts, code, emoji, heaps of combining marks, every code point there is, halves of
/// surrogate pairs, long runs, parts of special tokens. A seed gives the same texts everywhere.
/// </summary>
internal sealed class Corpus(int seed)
{
    private static readonly string[] s_sentences =
    [
        "The quick brown fox jumps over the lazy dog, and it doesn't care; they'll say WE'VE seen 'it' before.",
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Straße, Äpfel, Öl, Übermut!",
        "Portez ce vieux whisky au juge blond qui fume; où l'été s'achève, « ça va » — naïveté, cœur, Noël.",
        "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, ¿añoraba a su querido cachorro?",
        "Pchnąć w tę łódź jeża lub ośm skrzyń fig. Příliš žluťoučký kůň úpěl ďábelské ódy. Đường đến Việt Nam.",
        "İstanbul'da ılık bir ığdır; ISPARTA, ıspanak. Ħaġar Qim, Þórður, œuvre, ﬁne, Ǆ, ẞ, K, Å.",
        "Съешь же ещё этих мягких французских булок, да выпей чаю. Їжак, Ђорђе, Ўзбекистон.",
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· τι κάνεις; ΑΘΗΝΑ, ᾳ ῷ ἀρχή.",
        "נקסוס, עברית וניקוד: שָׁלוֹם. العَرَبِيَّةُ لغةٌ جميلة، ١٢٣٤٥ و ﷺ. فارسی: گچپژ",
        "हिन्दी में लिखना आसान है। বাংলা ভাষা, தமிழ் மொழி, తెలుగు, ಕನ್ನಡ, മലയാളം, ગુજરાતી, ਪੰਜਾਬੀ।",
        "ภาษาไทยไม่มีช่องว่างระหว่างคำ ລາວ ខ្មែរ မြန်မာ བོད་ཡིག",
        "日本語のテキストは、漢字とひらがなとカタカナ（ﾊﾝｶｸも）で書く。ﾞ・ガ・が・゛",
        "中文没有空格，全角标点：“你好！”——２０２５年１２月。𠀀𪜀𫝀𫠠豈更車 ㍿ ㌀ ①②③",
        "한국어 텍스트는 음절로 쓴다. 각 가 힣 ㄱㄴㄷ 조합형.",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ አማርኛ ქართული Հայերեն ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ꦗꦮ 𐌲𐌿𐍄 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛 ℵ ∑ √ ∞ ≠ ½ ² Ⅷ",
        "for (int i = 0; i < n; ++i) {\n\tsum += a[i]*b[i]; // dot\n}\r\nif (x != null && y->z == 0x1F) return \"don't\\n\";\n",
        "def f(self, *args, **kwargs):\n    '''doc'''\n    return [x**2 for x in range(10_000) if x % 3 == 0]\n\n\n@property\n",
        "SELECT id, name FROM users WHERE e-mail LIKE '%@example.com' AND age >= 18 -- $1 <=> ~|^`\n{\"key\": [1.5e-10, true, null]}",
        "<html lang=\"en\"><p class='a'>&nbsp;&amp;</p></html>\t\t\t| a | b |\n|---|:-:|\n# Title\n- [x] done  \n   - 1. two",
        "😀😃👍🏽👩‍👩‍👧‍👦🏳️‍🌈🇩🇪🇫🇷 ❤️ ☺ 🫠 🧑🏿‍🚀 e\u0301 o\u0308\u0304 n\u0303 \u0915\u094d\u0937 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    ];

    private static readonly string[] s_fragments =
    [
        "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<|im_", "<tool", "tool_call>", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[", "##a", "<q>",
        "<<q>>", "👍🏽", "👍", "\ud83d", "\ude00", "\udc00\ud800", "\ufffd", "\ufeff", "\0", "\u00ad", "\u200b", "\u200d", "\u2028", "\u0085", "▁", "▁▁a", "</", "s",
        "'s", "'RE", "'ll", "'", "''", "123", "1234567", "12 345", "٣٤", "०१२", "Ⅻ", "...", "!?", "--", "\r\n", "\n\n\n", " \n ", "\t \t", "　", "\u00a0", " ", "  ",
    ];

    private static readonly string[] s_runs = ["a", " ", "\n", "!", "é", "日", "😀", "ab", "\u0301", "0", "▁", "\t", "Z", "가", "<", "'s", "a b ", "\r\n", "한"];

    /// <summary>Texts of some kilobytes, together at least so many bytes of UTF-8.</summary>
    public IEnumerable<string> Texts(int bytes)
    {
        var random = new Random(seed);
        for (var done = 0; done < bytes;)
        {
            var text = Text(random);
            done += Encoding.UTF8.GetByteCount(text);
            yield return text;
        }
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        var length = 500 + random.Next(6000);
        while (text.Length < length)
            Append(text, random);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Random random)
    {
        switch (random.Next(24))
        {
            case 0:
                AppendRun(text, random);
                break;
            case < 4:
                text.Append(s_fragments[random.Next(s_fragments.Length)]);
                break;
            case < 8:
                AppendCodePoints(text, random);
                break;
            case < 10:
                // A part of a sentence, cut anywhere, also inside of a character.
                var sentence = s_sentences[random.Next(s_sentences.Length)];
                var first = random.Next(sentence.Length);
                text.Append(sentence, first, random.Next(sentence.Length - first));
                break;
            default:
                var words = s_sentences[random.Next(s_sentences.Length)].Split(' ');
                for (var count = random.Next(8); count >= 0; count--)
                    text.Append(words[random.Next(words.Length)]).Append(' ');
                break;
        }
    }

    private static void AppendRun(StringBuilder text, Random random)
    {
        var part = s_runs[random.Next(s_runs.Length)];
        for (var count = random.Next(8) == 0 ? random.Next(3000) : random.Next(70); count >= 0; count--)
            text.Append(part);
    }

    /// <summary>Code points of one neighbourhood: of the first thousand, of the first plane or of all.</summary>
    private static void AppendCodePoints(StringBuilder text, Random random)
    {
        var start = random.Next(random.Next(3) switch { 0 => 0x400, 1 => 0x10000, _ => 0x110000 });
        var spread = 1 + random.Next(200);
        for (var count = random.Next(12); count >= 0; count--)
        {
            var codePoint = Math.Min(0x10FFFF, start + random.Next(spread));
            if (Rune.IsValid(codePoint))
                text.Append(new Rune(codePoint).ToString());
            else
                text.Append((char)codePoint);
        }
    }
}
