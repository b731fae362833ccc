using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class UnservedFieldsTests
{
    [Theory]
    [InlineData("audio", "{\"voice\":\"alloy\",\"format\":\"wav\"}")]
    [InlineData("modalities", "[\"text\",\"audio\"]")]
    [InlineData("moderation", "{\"model\":\"omni\"}")]
    [InlineData("prediction", "{\"type\":\"content\",\"content\":\"x\"}")]
    [InlineData("prompt_cache_options", "{}")]
    [InlineData("prompt_cache_retention", "\"24h\"")]
    [InlineData("service_tier", "\"flex\"")]
    [InlineData("store", "true")]
    [InlineData("verbosity", "\"low\"")]
    [InlineData("web_search_options", "{}")]
    [InlineData("chat_template", "\"{{ x }}\"")]
    [InlineData("chat_template_kwargs", "{}")]
    [InlineData("cache_salt", "\"x\"")]
    [InlineData("kv_transfer_params", "{}")]
    [InlineData("mm_processor_kwargs", "{}")]
    [InlineData("vllm_xargs", "{}")]
    [InlineData("priority", "9")]
    [InlineData("api_base", "\"http://169.254.169.254\"")]
    [InlineData("api_key", "\"k\"")]
    [InlineData("base_url", "\"http://localhost\"")]
    [InlineData("extra_headers", "{}")]
    public void Chat_KnownFieldThatIsNotServed_Is400NamingIt(string field, string value) =>
        AssertUnsupported(Requests.ChatErrorWith($"\"{field}\":{value}"), field);

    [Theory]
    [InlineData("stream_options.include_obfuscation", "\"stream\":true,\"stream_options\":{\"include_obfuscation\":true}")]
    [InlineData("stream_options", "\"stream\":true,\"stream_options\":{\"continuous_usage_stats\":true}")]
    [InlineData("tools[0].type", "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}]")]
    public void Chat_KnownPartOfAField_Is400NamingIt(string param, string fields) => AssertUnsupported(Requests.ChatErrorWith(fields), param);

    [Theory]
    [InlineData("\"modalities\":[\"text\"]")]
    [InlineData("\"parallel_tool_calls\":true")]
    [InlineData("\"reasoning_effort\":\"medium\"")]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    [InlineData("\"service_tier\":\"auto\"")]
    [InlineData("\"service_tier\":\"default\"")]
    [InlineData("\"store\":false")]
    [InlineData("\"verbosity\":\"medium\"")]
    [InlineData("\"audio\":null")]
    [InlineData("\"function_call\":\"auto\"")]
    public void Chat_HarmlessValue_IsAcceptedAndNotForwarded(string field) => Assert.True(Requests.ChatWith(field).Work.Extra.IsEmpty);

    [Theory]
    [InlineData("suffix", "\"\\nend\"")]
    [InlineData("service_tier", "\"priority\"")]
    [InlineData("best_of", "3")]
    [InlineData("cache_salt", "\"x\"")]
    public void Completion_KnownFieldThatIsNotServed_Is400NamingIt(string field, string value) =>
        AssertUnsupported(Requests.CompletionErrorWith($"\"{field}\":{value}"), field);

    [Theory]
    [InlineData("\"suffix\":\"\"")]
    [InlineData("\"suffix\":null")]
    [InlineData("\"best_of\":1")]
    [InlineData("\"best_of\":0")]
    [InlineData("\"best_of\":4,\"n\":4")]
    public void Completion_HarmlessValue_IsAccepted(string fields) => Assert.True(Requests.CompletionWith(fields).Work.Extra.IsEmpty);

    [Theory]
    [InlineData(InferenceEndpoint.ChatCompletions)]
    [InlineData(InferenceEndpoint.Completions)]
    public void Every_UnservedField_RefusesAnObjectNobodyKnows(InferenceEndpoint endpoint)
    {
        foreach (var name in UnservedFields.Names(endpoint))
        {
            var field = $"\"{name}\":{{\"surprise\":1}}";
            AssertUnsupported(endpoint == InferenceEndpoint.ChatCompletions ? Requests.ChatErrorWith(field) : Requests.CompletionErrorWith(field), name);
        }
    }

    private static void AssertUnsupported(ApiError error, string param)
    {
        Assert.Equal(ApiErrorCode.UnsupportedField, error.Code);
        Assert.Equal(400, error.Status);
        Assert.Equal(param, error.Param);
        Assert.Contains($"'{param}'", error.Message, StringComparison.Ordinal);
    }
}
