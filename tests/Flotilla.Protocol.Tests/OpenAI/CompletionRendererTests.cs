using Flotilla.Protocol.Link;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class CompletionRendererTests
{
    private const string Chunk = """data: {"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"demo","choices":[""";
    private const string UsageJson = """{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1},"cache_read_input_tokens":2,"cache_creation_input_tokens":0}""";

    [Fact]
    public void Stream_Text_IsExactlyThis()
    {
        var text = Stream(Requests.CompletionWith("\"prompt\":[\"p\",\"q\"],\"stream\":true,\"stream_options\":{\"include_usage\":true}"), Text("a"), Text("b", choice: 1), Done(), Done(choice: 1));
        Assert.Equal(
            Chunk + """{"text":"a","index":0,"logprobs":null,"finish_reason":null}],"usage":null}""" + "\n\n" +
            Chunk + """{"text":"b","index":1,"logprobs":null,"finish_reason":null}],"usage":null}""" + "\n\n" +
            Chunk + """{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":null}""" + "\n\n" +
            Chunk + """{"text":"","index":1,"logprobs":null,"finish_reason":"stop"}],"usage":null}""" + "\n\n" +
            Chunk + "],\"usage\":" + UsageJson + "}\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_Echo_BeginsEachChoiceWithItsPrompt()
    {
        var text = Stream(Requests.CompletionWith("\"prompt\":[\"p\",\"q\\\"\"],\"n\":2,\"echo\":true,\"stream\":true"), Text("c", choice: 3), Done(choice: 0), Done(choice: 1), Done(choice: 2), Done(choice: 3));
        Assert.StartsWith(
            Chunk + """{"text":"q\"","index":3,"logprobs":null,"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"c","index":3,"logprobs":null,"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"p","index":0,"logprobs":null,"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}]}""" + "\n\n" +
            Chunk + """{"text":"p","index":1,"logprobs":null,"finish_reason":null}]}""" + "\n\n",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_Logprobs_CountCharactersAcrossChunks()
    {
        var text = Stream(
            Requests.CompletionWith("\"logprobs\":2,\"stream\":true"),
            Text("é", 0, Token([0xC3], -1, ("x", -1), ("x", -2), ("y", -3)), Token([0xA9], -0.5f)), Text("ab", 0, Token([0x61, 0x62], -0.25f)), Done());
        Assert.StartsWith(
            Chunk + """{"text":"é","index":0,"logprobs":{"tokens":["bytes:\\xc3","bytes:\\xa9"],"token_logprobs":[-1,-0.5],"top_logprobs":[{"x":-1},{}],"text_offset":[0,1]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"ab","index":0,"logprobs":{"tokens":["ab"],"token_logprobs":[-0.25],"top_logprobs":[{}],"text_offset":[1]},"finish_reason":null}]}""" + "\n\n",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_EchoOfSeveralPrompts_IsExactlyThis()
    {
        Assert.Equal(
            """{"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"demo","choices":[""" +
            """{"text":"pa","index":0,"logprobs":null,"finish_reason":"length"},{"text":"q","index":1,"logprobs":null,"finish_reason":"stop"}],"usage":""" + UsageJson + "}",
            Whole(Requests.CompletionWith("\"prompt\":[\"p\",\"q\"],\"echo\":true"), Text("a"), Done(ChoiceDone.Types.Finish.Length), Done(choice: 1)));
    }

    [Fact]
    public void Whole_LogprobsWithoutAlternatives_HaveNullForThem()
    {
        Assert.Contains(
            """logprobs":{"tokens":["a","b"],"token_logprobs":[-1,-1E-05],"top_logprobs":null,"text_offset":[0,1]},"finish_reason":"stop"}""",
            Whole(Requests.CompletionWith("\"logprobs\":0"), Text("a", 0, Token([0x61], -1)), Text("b", 0, Token([0x62], -0.00001f)), Done()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_EchoWithLogprobs_HasThoseOfThePromptAndThenThoseOfTheText()
    {
        // The beginning-of-text token and the space that a vocabulary puts first are no part of the text.
        var text = Whole(
            Requests.CompletionWith("\"prompt\":[\"aé b\"],\"n\":2,\"echo\":true,\"logprobs\":1"),
            Prompt(0, 0, "<s>", " aé"), Prompt(2, 0, " b"), Text("c", 1, Token([0x63], -1, ("c", -1))), Text("d", 0, Token([0x64], -3)), Done(), Done(choice: 1));
        const string Begin = """{"tokens":["<s>"," aé"," b","?"],"token_logprobs":[null,-2,-2,!],"top_logprobs":[null,{"x":-0.5},{"x":-0.5},*],"text_offset":[0,0,2,4]}""";
        Assert.Contains("{\"text\":\"aé bd\",\"index\":0,\"logprobs\":" + Begin.Replace("?", "d").Replace("!", "-3").Replace("*", "{}"), text, StringComparison.Ordinal);
        Assert.Contains("{\"text\":\"aé bc\",\"index\":1,\"logprobs\":" + Begin.Replace("?", "c").Replace("!", "-1").Replace("*", "{\"c\":-1}"), text, StringComparison.Ordinal);
        Assert.DoesNotContain("prompt_logprobs", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_EchoOfTokenIds_HasWhatTheirTokensSay()
    {
        Event[] events = [Prompt(0, 0, "<s>", "aé"), Prompt(2, 0, " b"), Text("c", 0, Token([0x63], -1)), Done()];
        Assert.Contains("{\"text\":\"<s>aé bc\",\"index\":0,\"logprobs\":null,", Whole(Requests.CompletionWith("\"prompt\":[1,5,6],\"echo\":true"), events), StringComparison.Ordinal);
        Assert.Contains(
            """{"text":"<s>aé bc","index":0,"logprobs":{"tokens":["<s>","aé"," b","c"],"token_logprobs":[null,-2,-2,-1],"top_logprobs":null,"text_offset":[0,3,5,7]}""",
            Whole(Requests.CompletionWith("\"prompt\":[1,5,6],\"echo\":true,\"logprobs\":0"), events), StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_EchoOfTokenIds_HasWhatTheirTokensSayAsTheyAreTold()
    {
        // The last byte of é is told later than the first; what the prompt does not complete ends before the answer.
        var told = new Event { PromptTokens = new PromptTokens { Tokens = { Token([0x61], 0), Token([0xC3], -2) } } };
        var more = new Event { PromptTokens = new PromptTokens { Position = 2, Tokens = { Token([0xA9], -2), Token([0xC3], -2) } } };
        var plain = Stream(Requests.CompletionWith("\"prompt\":[1,5,6,7],\"echo\":true,\"n\":2,\"stream\":true"), told, more, told, Text("c"), Done(), Done(choice: 1));
        Assert.StartsWith(
            string.Concat(new (string Text, int Index)[] { ("a", 0), ("a", 1), ("é", 0), ("é", 1), ("\uFFFDc", 0) }
                .Select(chunk => Chunk + $$"""{"text":"{{chunk.Text}}","index":{{chunk.Index}},"logprobs":null,"finish_reason":null}]}""" + "\n\n")),
            plain, StringComparison.Ordinal);
        Assert.Contains("{\"text\":\"\uFFFD\",\"index\":1,\"logprobs\":null,\"finish_reason\":\"stop\"", plain, StringComparison.Ordinal);
        Assert.StartsWith(
            Chunk + """{"text":"ab","index":0,"logprobs":{"tokens":["a","b"],"token_logprobs":[null,-2],"top_logprobs":null,"text_offset":[0,1]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"c","index":0,"logprobs":{"tokens":["c"],"token_logprobs":[-1],"top_logprobs":null,"text_offset":[2]},"finish_reason":null}]}""" + "\n\n",
            Stream(Requests.CompletionWith("\"prompt\":[5,6],\"echo\":true,\"logprobs\":0,\"stream\":true"), Prompt(0, 0, "a", "b"), Text("c", 0, Token([0x63], -1)), Done()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_PromptLogprobs_StandInEachChoiceOfTheirPromptAsVllmHasThem()
    {
        var text = Whole(Requests.CompletionWith("\"prompt\":[\"ab\",\"c\"],\"prompt_logprobs\":1"), Prompt(0, 0, "a", "b"), Prompt(0, 1, "c"), Text("d"), Done(), Done(choice: 1));
        const string Told = """[null,{"11":{"logprob":-2,"rank":2,"decoded_token":"b"},"1":{"logprob":-0.5,"rank":1,"decoded_token":"x"}}]""";
        Assert.Contains("{\"text\":\"d\",\"index\":0,\"logprobs\":null,\"prompt_logprobs\":" + Told + ",\"finish_reason\":\"stop\"}", text, StringComparison.Ordinal);
        Assert.Contains("\"index\":1,\"logprobs\":null,\"prompt_logprobs\":[null],", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_EchoWithLogprobs_ShowsThePromptOnceAndItsTokensAsTheyAreTold()
    {
        // The second node of an attempt tells them all again.
        var text = Stream(
            Requests.CompletionWith("\"prompt\":\"ab\",\"echo\":true,\"logprobs\":0,\"stream\":true"),
            Prompt(0, 0, "a"), Prompt(0, 0, "a", "b"), Text("c", 0, Token([0x63], -1)), Done());
        Assert.StartsWith(
            Chunk + """{"text":"ab","index":0,"logprobs":null,"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"","index":0,"logprobs":{"tokens":["a"],"token_logprobs":[null],"top_logprobs":null,"text_offset":[0]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"","index":0,"logprobs":{"tokens":["b"],"token_logprobs":[-2],"top_logprobs":null,"text_offset":[1]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"text":"c","index":0,"logprobs":{"tokens":["c"],"token_logprobs":[-1],"top_logprobs":null,"text_offset":[2]},"finish_reason":null}]}""" + "\n\n",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reasoning_IsPartOfTheText()
    {
        Assert.Contains("\"text\":\"hma\"", Whole(Requests.CompletionWith(""), Reasoning("hm"), Text("a"), Done()), StringComparison.Ordinal);
        Assert.Contains("\"text\":\"hm\"", Stream(Requests.CompletionWith("\"stream\":true"), Reasoning("hm"), Done()), StringComparison.Ordinal);
    }
}
