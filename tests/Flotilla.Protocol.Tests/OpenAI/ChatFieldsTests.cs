using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ChatFieldsTests
{
    [Fact]
    public void Read_SmallestBody_HasTheDefaults()
    {
        var request = Requests.ChatWith("");
        Assert.Equal(InferenceEndpoint.ChatCompletions, request.Endpoint);
        Assert.Equal("m", request.Model);
        Assert.Equal(new Message { Role = "user", Content = "hi" }, Assert.Single(request.Work.Chat.Messages));
        Assert.Equal(new Sampling(), request.Work.Sampling);
        Assert.Equal(1u, request.Work.Choices);
        Assert.Equal(1, request.ChoicesTotal);
        Assert.Equal(0u, request.Work.MaxTokens);
        Assert.False(request.MaxTokensGiven);
        Assert.False(request.Stream);
        Assert.False(request.IncludeUsage);
        Assert.False(request.Echo);
        Assert.False(request.Work.HasTopLogprobs);
        Assert.Null(request.Seed);
        Assert.Null(request.User);
        Assert.Empty(request.Metadata);
        Assert.True(request.Work.Extra.IsEmpty);
    }

    [Fact]
    public void Read_EveryServedField_IsKept()
    {
        var request = Requests.ChatWith("""
            "temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.05,"presence_penalty":-2,"frequency_penalty":2,"repetition_penalty":1.1,
            "logit_bias":{"7":-100,"9":100},"ignore_eos":true,"min_tokens":5,"max_tokens":12,"max_completion_tokens":12,"n":8,"seed":-1,"stop":["a","b","c","d"],
            "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"logprobs":true,"top_logprobs":20,
            "user":"u","safety_identifier":"s","prompt_cache_key":"k","metadata":{"a":"b"}
            """);
        var sampling = new Sampling
        {
            Temperature = 0.5f, TopP = 0.9f, TopK = 40, MinP = 0.05f, PresencePenalty = -2, FrequencyPenalty = 2, RepetitionPenalty = 1.1f,
            LogitBias = { [7] = -100, [9] = 100 },
        };
        Assert.Equal(sampling, request.Work.Sampling);
        Assert.True(request.Work.IgnoreEos);
        Assert.Equal((5u, 12u), (request.Work.MinTokens, request.Work.MaxTokens));
        Assert.True(request.MaxTokensGiven);
        Assert.Equal(8u, request.Work.Choices);
        Assert.Equal(8, request.ChoicesTotal);
        Assert.Equal(ulong.MaxValue, request.Seed);
        Assert.Equal(["a", "b", "c", "d"], request.Work.Stop);
        Assert.True(request.Stream);
        Assert.True(request.IncludeUsage);
        Assert.Equal(20u, request.Work.TopLogprobs);
        Assert.Equal("u", request.User);
        Assert.Equal("b", request.Metadata["a"]);
        Assert.True(request.Work.Extra.IsEmpty);
    }

    [Theory]
    [InlineData("\"temperature\":0")]
    [InlineData("\"temperature\":2.0")]
    [InlineData("\"top_p\":0")]
    [InlineData("\"top_p\":1")]
    [InlineData("\"top_k\":-1")]
    [InlineData("\"top_k\":1048576")]
    [InlineData("\"min_p\":1")]
    [InlineData("\"presence_penalty\":-2")]
    [InlineData("\"frequency_penalty\":2")]
    [InlineData("\"repetition_penalty\":0.1")]
    [InlineData("\"repetition_penalty\":10")]
    [InlineData("\"max_tokens\":1")]
    [InlineData("\"max_tokens\":9,\"min_tokens\":9")]
    [InlineData("\"min_tokens\":0")]
    [InlineData("\"max_tokens\":16777216")]
    [InlineData("\"n\":1")]
    [InlineData("\"seed\":9223372036854775807")]
    [InlineData("\"seed\":-9223372036854775808")]
    [InlineData("\"stop\":[]")]
    [InlineData("\"stop\":\"x\"")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":0")]
    [InlineData("\"logprobs\":false")]
    [InlineData("\"metadata\":{}")]
    [InlineData("\"logit_bias\":{}")]
    [InlineData("\"tools\":[]")]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"tool_choice\":\"auto\"")]
    public void Read_ValueAtItsBound_IsAccepted(string field) => Requests.ChatWith(field);

    [Fact]
    public void Read_MoreTokensAtLeastThanAtMost_NamesBoth()
    {
        var error = Requests.ChatError("""{"model":"m","messages":[{"role":"user","content":"hi"}],"min_tokens":10,"max_completion_tokens":9}""");
        Assert.Equal((ApiErrorCode.InvalidValue, "min_tokens"), (error.Code, error.Param));
        Assert.Contains("10 tokens are to come at least, and 9 at most", error.Message, StringComparison.Ordinal);
        Assert.Equal(40u, Requests.CompletionWith("\"min_tokens\":40").Work.MaxTokens);
    }

    [Theory]
    [InlineData("temperature", "-0.1")]
    [InlineData("temperature", "2.0001")]
    [InlineData("temperature", "1e400")]
    [InlineData("temperature", "-1e400")]
    [InlineData("top_p", "1.1")]
    [InlineData("top_p", "-1")]
    [InlineData("top_k", "-2")]
    [InlineData("top_k", "1048577")]
    [InlineData("top_k", "1.5")]
    [InlineData("min_p", "1.01")]
    [InlineData("presence_penalty", "2.1")]
    [InlineData("frequency_penalty", "-2.1")]
    [InlineData("repetition_penalty", "0")]
    [InlineData("repetition_penalty", "11")]
    [InlineData("min_tokens", "-1")]
    [InlineData("min_tokens", "16777217")]
    [InlineData("max_tokens", "0")]
    [InlineData("max_tokens", "-1")]
    [InlineData("max_tokens", "16777217")]
    [InlineData("max_tokens", "9223372036854775808")]
    [InlineData("max_tokens", "1e400")]
    [InlineData("max_completion_tokens", "0")]
    [InlineData("n", "0")]
    [InlineData("n", "129")]
    [InlineData("n", "-1")]
    [InlineData("n", "1.0")]
    [InlineData("n", "4294967297")]
    [InlineData("seed", "9223372036854775808")]
    [InlineData("seed", "0.5")]
    [InlineData("top_logprobs", "21")]
    [InlineData("top_logprobs", "-1")]
    [InlineData("stop", "\"\"")]
    [InlineData("stop", "[\"1\",\"2\",\"3\",\"4\",\"5\"]")]
    [InlineData("model", "\"\"")]
    [InlineData("messages", "[]")]
    [InlineData("tool_choice", "\"always\"")]
    public void Read_ValueOutOfRange_NamesTheFieldAndTheLimit(string field, string value)
    {
        var error = Requests.ChatError(Body(field, value));
        Assert.Equal(ApiErrorCode.InvalidValue, error.Code);
        Assert.Equal(field, error.Param);
        Assert.Contains($"'{field}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("temperature", "\"1\"")]
    [InlineData("temperature", "true")]
    [InlineData("top_p", "[]")]
    [InlineData("top_k", "\"a\"")]
    [InlineData("min_p", "{}")]
    [InlineData("presence_penalty", "\"0\"")]
    [InlineData("frequency_penalty", "\"0\"")]
    [InlineData("repetition_penalty", "\"1\"")]
    [InlineData("logit_bias", "[]")]
    [InlineData("ignore_eos", "1")]
    [InlineData("min_tokens", "\"1\"")]
    [InlineData("max_tokens", "\"12\"")]
    [InlineData("max_completion_tokens", "\"12\"")]
    [InlineData("n", "\"1\"")]
    [InlineData("seed", "\"1\"")]
    [InlineData("stop", "3")]
    [InlineData("stream", "\"true\"")]
    [InlineData("stream_options", "true")]
    [InlineData("logprobs", "5")]
    [InlineData("top_logprobs", "true")]
    [InlineData("user", "5")]
    [InlineData("safety_identifier", "5")]
    [InlineData("prompt_cache_key", "5")]
    [InlineData("metadata", "\"a\"")]
    [InlineData("model", "5")]
    [InlineData("messages", "\"hi\"")]
    [InlineData("tools", "{}")]
    [InlineData("functions", "{}")]
    [InlineData("tool_choice", "5")]
    public void Read_WrongType_NamesTheFieldAndBothTypes(string field, string value)
    {
        var error = Requests.ChatError(Body(field, value));
        Assert.Equal(ApiErrorCode.InvalidType, error.Code);
        Assert.Equal(field, error.Param);
        Assert.Matches("expected .+, got .+", error.Message);
    }

    [Theory]
    [InlineData("temperature")]
    [InlineData("top_p")]
    [InlineData("top_k")]
    [InlineData("min_p")]
    [InlineData("presence_penalty")]
    [InlineData("frequency_penalty")]
    [InlineData("repetition_penalty")]
    [InlineData("logit_bias")]
    [InlineData("ignore_eos")]
    [InlineData("min_tokens")]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    [InlineData("n")]
    [InlineData("seed")]
    [InlineData("stop")]
    [InlineData("stream")]
    [InlineData("stream_options")]
    [InlineData("logprobs")]
    [InlineData("top_logprobs")]
    [InlineData("user")]
    [InlineData("metadata")]
    [InlineData("tools")]
    [InlineData("tool_choice")]
    [InlineData("store")]
    [InlineData("something_new")]
    public void Read_Null_IsAsIfLeftOut(string field)
    {
        var request = Requests.ChatWith($"\"{field}\":null");
        var plain = Requests.ChatWith("");
        Assert.Equal(plain.Work, request.Work);
        Assert.Equal(plain with { Work = request.Work, Metadata = request.Metadata }, request);
    }

    [Theory]
    [InlineData("model", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")]
    [InlineData("model", "{\"model\":null,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")]
    [InlineData("messages", "{\"model\":\"m\"}")]
    [InlineData("messages", "{\"model\":\"m\",\"messages\":null}")]
    public void Read_RequiredFieldMissing_NamesIt(string field, string body)
    {
        var error = Requests.ChatError(body);
        Assert.Equal(ApiErrorCode.MissingField, error.Code);
        Assert.Equal(field, error.Param);
    }

    [Theory]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":6", "max_tokens", ApiErrorCode.InvalidRequest)]
    [InlineData("\"stream_options\":{\"include_usage\":true}", "stream_options", ApiErrorCode.InvalidValue)]
    [InlineData("\"top_logprobs\":3", "top_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"tools\":[],\"functions\":[]", "functions", ApiErrorCode.InvalidRequest)]
    public void Read_FieldsThatContradict_NamesOne(string fields, string param, ApiErrorCode code)
    {
        var error = Requests.ChatErrorWith(fields);
        Assert.Equal(code, error.Code);
        Assert.Equal(param, error.Param);
    }

    [Theory]
    [InlineData("{\"x\":1}", "is no token id")]
    [InlineData("{\"-1\":1}", "is no token id")]
    [InlineData("{\"4294967296\":1}", "is no token id")]
    [InlineData("{\"7\":1,\"07\":2}", "given twice")]
    [InlineData("{\"7\":100.5}", "from -100 to 100")]
    public void Read_BadLogitBias_SaysWhy(string value, string reason)
    {
        var error = Requests.ChatErrorWith($"\"logit_bias\":{value}");
        Assert.Equal("logit_bias", error.Param);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CountsAndLengths_AreBoundedExactly()
    {
        AssertBound(OpenAiLimits.LogitBiasMax, n => $"\"logit_bias\":{{{string.Join(',', Enumerable.Range(0, n).Select(i => $"\"{i}\":1"))}}}");
        AssertBound(OpenAiLimits.MetadataMax, n => $"\"metadata\":{{{string.Join(',', Enumerable.Range(0, n).Select(i => $"\"{i}\":\"\""))}}}");
        AssertBound(OpenAiLimits.MetadataKeyCharsMax, n => $"\"metadata\":{{\"{new string('k', n)}\":\"\"}}");
        AssertBound(OpenAiLimits.MetadataValueCharsMax, n => $"\"metadata\":{{\"k\":\"{new string('v', n)}\"}}");
        AssertBound(OpenAiLimits.StopCharsMax, n => $"\"stop\":[\"{new string('s', n)}\"]");
        AssertBound(OpenAiLimits.UserCharsMax, n => $"\"user\":\"{new string('u', n)}\"");
        AssertBound(OpenAiLimits.ExtraFieldsMax, n => string.Join(',', Enumerable.Range(0, n).Select(i => $"\"x{i}\":1")));
    }

    [Fact]
    public void Read_ModelAndMessages_AreBoundedExactly()
    {
        Requests.Chat(Body("model", $"\"{new string('m', OpenAiLimits.ModelCharsMax)}\""));
        Assert.Equal("model", Requests.ChatError(Body("model", $"\"{new string('m', OpenAiLimits.ModelCharsMax + 1)}\"")).Param);
        Requests.Chat(Body("messages", Messages(OpenAiLimits.MessagesMax)));
        Assert.Equal("messages", Requests.ChatError(Body("messages", Messages(OpenAiLimits.MessagesMax + 1))).Param);
    }

    [Fact]
    public void Read_UnknownFields_AreForwardedAsTheyAre()
    {
        var request = Requests.ChatWith("""
            "guided_regex":"a+", "deep" : { "x" : [1, 2.50, "é"] },"n":2
            """);
        Assert.Equal("""{"guided_regex":"a+","deep":{ "x" : [1, 2.50, "é"] }}""", request.Work.Extra.ToStringUtf8());
    }

    [Fact]
    public void Read_LongUnknownField_IsRefused()
    {
        var error = Requests.ChatErrorWith($"\"x\":\"{new string('x', OpenAiLimits.ExtraBytesMax)}\"");
        Assert.Contains("65536 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_ForAValue_ShowsNumbersAndNamesButNoProse()
    {
        Assert.Contains("got 3.5.", Requests.ChatErrorWith("\"temperature\":3.5").Message, StringComparison.Ordinal);
        Assert.Contains("got 'always'.", Requests.ChatErrorWith("\"tool_choice\":\"always\"").Message, StringComparison.Ordinal);
        var prose = Requests.ChatErrorWith("\"tool_choice\":\"my secret prompt\"").Message;
        Assert.DoesNotContain("secret", prose, StringComparison.Ordinal);
        Assert.Contains("a string of 16 characters", prose, StringComparison.Ordinal);
        var digits = Requests.ChatErrorWith($"\"n\":{new string('9', 5000)}").Message;
        Assert.InRange(digits.Length, 1, 250);
    }

    private static void AssertBound(int max, Func<int, string> fields)
    {
        Requests.ChatWith(fields(max));
        Assert.NotNull(Requests.ChatErrorWith(fields(max + 1)));
    }

    private static string Messages(int count) => $"[{string.Join(',', Enumerable.Repeat("{\"role\":\"user\",\"content\":\"\"}", count))}]";

    private static string Body(string field, string value)
    {
        var model = field == "model" ? value : "\"m\"";
        var messages = field == "messages" ? value : "[{\"role\":\"user\",\"content\":\"hi\"}]";
        var rest = field is "model" or "messages" ? "" : $",\"{field}\":{value}";
        return $"{{\"model\":{model},\"messages\":{messages}{rest}}}";
    }
}
