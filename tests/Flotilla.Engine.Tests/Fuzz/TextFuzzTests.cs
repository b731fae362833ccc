using System.Text.Json;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Tests.Forms;
using Flotilla.Engine.Tests.Templates;
using Flotilla.Engine.Tests.Tokenization;
using Flotilla.Engine.Tokenization;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>Hostile texts, wherever strangers' text is read by rules: tokenizers, schemas, patterns, templates.</summary>
public sealed class TextFuzzTests
{
    private static readonly BpeTokenizer s_bytes = new BpeTokenizer(TestVocabulary.ByteLevel("qwen2"));
    private static readonly ITokenizer[] s_tokenizers =
    [
        s_bytes, new BpeTokenizer(TestVocabulary.ByteLevel("llama-bpe")), new SpmTokenizer(TestVocabulary.SentencePiece()), new WordPieceTokenizer(TestVocabulary.WordPiece()),
        new UnigramTokenizer(TestVocabulary.Unigram()),
    ];

    private static readonly string[] s_textWords =
    [
        " ", "  ", "\n", "\r\n", "\t", "'s", "a", "Hello", " world", "12345", "٣", "é", "e\u0301", "日本語", "😀", "\ud83d", "\ude00", "\ufffd", "\0", "\u2028", "<|im_end|>", "<|im_",
        "<tool_call>", "!!", "▁", "\U0010ffff", "ไทย", "<0x41>",
    ];

    private static readonly string[] s_templateWords =
    [
        "{%", "%}", "{{", "}}", "{#", "#}", "-%}", "{%-", "for", "in", "if", "else", "elif", "endif", "endfor", "set", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "generation", "break", " ", "\n", "(", ")",
        "[", "]", "{", "}", ",", ":", ".", "|", "~", "+", "-", "*", "**", "//", "%", "==", "<", "not ", " and ", " is ", " in ", "x", "m", "messages", "tools", "loop", "namespace", "range", "range(99999)", "10**9", "1e999",
        "9999999999999999999999", "'", "\"", "'\\x'", "'%A'", "tojson", "join", "sort", "unique", "replace", "default", "length", "items", "split", "strftime_now", "raise_exception", "content", "role", "[::-1]", "caller()", "\ud83d",
    ];

    [Fact]
    public void Texts_to_be_tokenized()
    {
        var mutator = new TextMutator(s_textWords, ["Hello, world.", "12 + 3 = 15\n", "日本語 and 😀 text", "<|im_start|>user\nHi<|im_end|>"]);
        FuzzRun.RunTexts("text", 3600, mutator.Make, text =>
        {
            foreach (var tokenizer in s_tokenizers)
            {
                var ids = FuzzRun.Measured(FuzzRun.AllocationMax(text.Length * 2L), () => tokenizer.Encode(text, parseSpecial: true, addBos: false));
                Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            }

            return true;
        });
    }

    [Fact]
    public void Schemas_that_answers_are_to_be_held_to()
    {
        var mutator = new TextMutator(
            ["{", "}", "[", "]", ",", ":", "\"type\":", "\"items\":", "{\"items\":", "[[", "\"$ref\":\"#\"", "\"anyOf\":[", "\"a\"", "null", "1e999", "\\ud800", "true", "\"pattern\":\"(a*)*\"", "-"],
            [.. SchemaTests.Schemas.Select(row => row.Data.Item1), .. SchemaTests.Refused.Select(row => row.Data.Item1)]);
        var (accepted, refused) = FuzzRun.RunTexts("schema", 36_000, random => random.Next(3) == 0 ? mutator.Make(random) : SchemaWriter.Write(random), TrySchema);
        Assert.True(accepted > 100 && refused > 100, $"{accepted} schemas were accepted, {refused} refused.");
    }

    [Fact]
    public void Patterns_that_answers_are_to_be_held_to()
    {
        var mutator = new TextMutator(SchemaWriter.PatternWords, ["^[A-Z]{2}-\\d+$", "^(ab|a)(bc|c)?$", "^(a|b*)*c$", "(\"a\"*)*", "^((((){1000}){1000}){1000}){1000}$", "[\\]\\\\\"]{1,2}"]);
        var (accepted, refused) = FuzzRun.RunTexts("pattern", 24_000, mutator.Make, TryPattern);
        Assert.True(accepted > 100 && refused > 100, $"{accepted} patterns were accepted, {refused} refused.");
    }

    [Fact]
    public void Templates_that_files_bring()
    {
        var mutator = new TextMutator(s_templateWords, [SyntheticModel.ChatMl, .. ReferenceRenderings.All.Select(row => row.Data.Item1)]);
        var (accepted, refused) = FuzzRun.RunTexts("template", 24_000, mutator.Make, TryTemplate);
        Assert.True(accepted > 100 && refused > 100, $"{accepted} templates were rendered, {refused} refused.");
    }

    /// <summary>What models write where tools are offered: in every way to write calls it is read alike, however it is cut, and what is no call comes as it was.</summary>
    [Fact]
    public void Answers_that_may_have_calls()
    {
        string[] words =
        [
            .. ToolCallFormat.All.SelectMany(format => format.Tags).Distinct(), "<function=", "<parameter=", "</parameter>", "</function>", "[", "]", "{", "}", "(", ")", "\"", "'", "'''", "\\", ",",
            ":", ";", "=", "\n", " ", "f", "print(", "f(", "a=", "\"name\"", "\"name\": \"f\"", "\"arguments\": ", "\"parameters\": {", "\"type\": \"function\"", "1", "-", "True", "null", "\\u00e9", "😀", ".call", "`",
        ];
        string[] answers =
        [
            "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1, \"}\"]}}\n</tool_call>", "<tool_call>\n<function=f>\n<parameter=a>\nx\n</parameter>\n</function>\n</tool_call>",
            "[TOOL_CALLS]f[CALL_ID]abcdefghi[ARGS]{\"a\": 1}", "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {}, \"id\": \"abcdefghi\"}]", "```tool_code\nf(a='x')\nprint(f())\n```",
            "[f(a={'b': (1, 2.5)}), f()]", "<|python_tag|>f.call(a=\"x\"); {\"name\": \"f\"}", "{\"type\": \"function\", \"name\": \"f\", \"parameters\": {\"a\": null}}", "<function=f>{\"a\": 1}</function>", "Well, no.",
        ];
        var (called, text) = FuzzRun.RunTexts("answer", 2400, new TextMutator(words, answers).Make, TryAnswer);
        Assert.True(called > 100 && text > 100, $"{called} answers had calls, {text} had none.");
    }

    /// <summary>Texts that once did what no text may do.</summary>
    [Fact]
    public void What_was_found_before_stays_repaired()
    {
        foreach (var (kind, attempt) in ((string, Func<string, bool>)[])[("schema", TrySchema), ("pattern", TryPattern), ("template", TryTemplate)])
            Assert.All(FuzzFindings.Texts(kind), text => SmallStack.Run(() => attempt(text)));
    }

    private static bool TryPattern(string pattern) => TrySchema($$"""{"type":"string","pattern":{{JsonSerializer.Serialize(pattern)}}}""");

    /// <summary>Compiles a schema and writes some tokens by it.</summary>
    private static bool TrySchema(string schema)
    {
        var forms = new AnswerForms(s_bytes, null);
        CompiledForm form;
        try
        {
            form = FuzzRun.Measured(FuzzRun.AllocationMax(schema.Length * 2L), () => forms.Of(new GenerationRequest { AnswerSchema = schema }, null)!);
        }
        catch (GenerationRejectedException rejected) when (rejected.Reason == GenerationRejection.FormNotSupported)
        {
            return false;
        }

        var (follower, written, random) = (new FormFollower(form), new List<int>(), new Random(schema.Length));
        try
        {
            while (written.Count < 12)
            {
                var allowed = follower.Allowed(written, 0);
                var ids = Enumerable.Range(0, s_bytes.VocabularySize).Where(id => (allowed[id >> 6] >> id & 1) != 0).ToArray();
                written.Add(ids[random.Next(ids.Length)]);
                if (s_bytes.IsEndOfGeneration(written[^1]))
                    break;
            }
        }
        catch (GenerationFailedException failed) when (failed.Reason == GenerationFailure.FormNotKept)
        {
            // Too ambiguous to follow: the request ends with that.
        }

        return true;
    }

    private static bool TryAnswer(string written)
    {
        var calls = 0;
        foreach (var format in ToolCallFormat.All)
        {
            var (count, whole) = Read(format, [written]);
            Assert.Equal((count, whole), Read(format, written.Select(unit => unit.ToString())));
            if (count == 0)
                Assert.Equal(written, whole);
            calls += count;
        }

        return calls > 0;

        // A call costs its reader some hundred bytes, and may be as short as "f()".
        (int Calls, string Text) Read(ToolCallFormat format, IEnumerable<string> cuts) => FuzzRun.Measured(FuzzRun.AllocationMax(written.Length * 256L), () =>
        {
            var (reader, pieces) = (new ToolCallReader(format, ["f"], (_, argument) => argument == "a"), new List<OutputPiece>());
            foreach (var cut in cuts)
                reader.Accept(cut, pieces);
            reader.Finish(pieces);
            return (reader.CallCount, string.Concat(pieces.Select(piece => (piece.Name is null ? "" : $"#{piece.CallIndex} {piece.Name}") + piece.Text)));
        });
    }

    private static bool TryTemplate(string source)
    {
        try
        {
            var template = FuzzRun.Measured(FuzzRun.AllocationMax(source.Length * 2L), () => ChatTemplate.Parse(source));
            // Values come and go; what they may cost together is bounded by the steps, each of which copies 64 characters at most.
            FuzzRun.Measured(TextLimits.TemplateStepsMax * 512L, () => template.Render(
                [new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Hello")], [], true, "<s>", "</s>", default, TestContext.Current.CancellationToken));
            return true;
        }
        catch (TemplateException)
        {
            return false;
        }
    }
}
