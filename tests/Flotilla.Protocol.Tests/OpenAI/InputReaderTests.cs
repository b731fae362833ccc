using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Inputs;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>The bodies of embeddings, rerank and moderations: what is served, and what is refused by name.</summary>
public sealed class InputReaderTests
{
    [Theory]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m"}""", "missing_required_parameter", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"input":"a"}""", "missing_required_parameter", "model")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":null}""", "missing_required_parameter", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":""}""", "invalid_value", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":[]}""", "invalid_value", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":["a",""]}""", "invalid_value", "input[1]")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":[[1],[]]}""", "invalid_value", "input[1]")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":[1,-1]}""", "invalid_value", "input[1]")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":[1,1.5]}""", "invalid_value", "input[1]")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":{"a":1}}""", "invalid_type", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":["a",{}]}""", "invalid_type", "input")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","dimensions":0}""", "invalid_value", "dimensions")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","dimensions":8193}""", "invalid_value", "dimensions")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","dimensions":1e99}""", "invalid_value", "dimensions")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","dimensions":"8"}""", "invalid_type", "dimensions")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","encoding_format":"int8"}""", "invalid_value", "encoding_format")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","api_base":"http://x"}""", "unsupported_parameter", "api_base")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","models":["n"]}""", "unsupported_parameter", "models")]
    [InlineData(InferenceEndpoint.Embeddings, """{"model":"m","input":"a","stream":true}""", "unsupported_parameter", "stream")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","documents":["a"]}""", "missing_required_parameter", "query")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q"}""", "missing_required_parameter", "documents")]
    [InlineData(InferenceEndpoint.Rerank, """{"query":"q","documents":["a"]}""", "missing_required_parameter", "model")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"","documents":["a"]}""", "invalid_value", "query")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":[]}""", "invalid_value", "documents")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":["a",1]}""", "invalid_type", "documents[1]")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":[{"title":"x"}]}""", "invalid_type", "documents[0]")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":["a"],"top_n":0}""", "invalid_value", "top_n")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":["a"],"top_n":-1}""", "invalid_value", "top_n")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":["a"],"return_documents":"yes"}""", "invalid_type", "return_documents")]
    [InlineData(InferenceEndpoint.Rerank, """{"model":"m","query":"q","documents":["a"],"rank_fields":["x"]}""", "unsupported_parameter", "rank_fields")]
    [InlineData(InferenceEndpoint.Moderations, """{"model":"m"}""", "missing_required_parameter", "input")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":""}""", "invalid_value", "input")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[]}""", "invalid_value", "input")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":7}""", "invalid_type", "input")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":["a",7]}""", "invalid_type", "input[1]")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"image_url","image_url":{"url":"data:,"}}]}""", "invalid_value", "input[0].image_url.url")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"image_url"}]}""", "missing_required_parameter", "input[0].image_url")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"image_url","image_url":"data:image/png;base64,aGk="}]}""", "invalid_type", "input[0].image_url")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"input_audio"}]}""", "unsupported_parameter", "input[0]")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"text"}]}""", "missing_required_parameter", "input[0].text")]
    [InlineData(InferenceEndpoint.Moderations, """{"input":[{"type":"text","text":"a"},"b"]}""", "invalid_type", "input[1]")]
    public void Read_WhatIsWrong_IsNamed(InferenceEndpoint endpoint, string body, string code, string param)
    {
        var error = Dialect.Of(endpoint).TryRead(Encoding.UTF8.GetBytes(body), out var request);

        Assert.Null(request);
        Assert.Equal((400, code, param), (error!.Status, error.CodeText, error.Param));
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void Read_InputsAtTheLimit_AreServedAndOneMoreIsNot(int count, bool served)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("\"a\"", count))}}]}""");

        Assert.Equal(served, EmbedRequestReader.TryRead(body, out _) is null);
    }

    [Theory]
    [InlineData(InferenceEndpoint.ChatCompletions, "\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]")]
    [InlineData(InferenceEndpoint.Completions, "\"prompt\":\"q\"")]
    [InlineData(InferenceEndpoint.Responses, "\"input\":\"q\"")]
    [InlineData(InferenceEndpoint.Embeddings, "\"input\":\"q\"")]
    [InlineData(InferenceEndpoint.Moderations, "\"input\":\"q\"")]
    [InlineData(InferenceEndpoint.Rerank, "\"query\":\"q\",\"documents\":[\"d\"]")]
    public void Read_WhatAClientSaysOfItself_IsKeptFromNodes(InferenceEndpoint endpoint, string input)
    {
        var body = $$$"""{"model":"m",{{{input}}},"safety_identifier":"secret","prompt_cache_key":"secret","metadata":{"k":"secret"},"client_metadata":{"k":"secret"}}""";

        Assert.Null(Dialect.Of(endpoint).TryRead(Encoding.UTF8.GetBytes(body), out var request));

        Assert.Equal(("secret", "secret"), (request!.User, request.Metadata["k"]));
        Assert.DoesNotContain("secret", request.Message.ToByteString().ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Embeddings_BoundsTheTokensByBytesAndContext()
    {
        Assert.Null(EmbedRequestReader.TryRead("""{"model":"m","input":["äb","c"],"encoding_format":"base64","truncate":"END"}"""u8.ToArray(), out var request));

        Assert.True(request!.Base64);
        Assert.Equal(Capability.Embeddings, request.Capability);
        Assert.Equal(3 + 1 + (2 * OpenAiLimits.PerInputAllowance), request.InputUnitsMax(contextTokens: 4096));
        Assert.Equal(2 * 5, request.InputUnitsMax(contextTokens: 5));
        Assert.Equal(0, request.OutputUnitsMax(contextTokens: 4096));
        Assert.Equal("""{"truncate":"END"}""", request.Work.Extra.ToStringUtf8());
    }

    [Fact]
    public void Read_Rerank_CountsTheQueryOnceForEachDocument()
    {
        Assert.Null(RerankRequestReader.TryRead("""{"model":"m","query":"four","documents":["a",{"text":"bc"}],"top_n":99}"""u8.ToArray(), out var request));

        Assert.Equal(["a", "bc"], request!.Work.Documents);
        Assert.Equal(2, request.Top);
        Assert.Equal((2 * 4) + 1 + 2 + (2 * OpenAiLimits.PerInputAllowance), request.InputUnitsMax(contextTokens: 4096));
    }

    [Fact]
    public void Read_ModerationOfAnImage_NeedsSightAndReachesAnUpstreamAsItCame()
    {
        Assert.Null(ModerateRequestReader.TryRead("""{"model":"m","input":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}"""u8.ToArray(), out var request));

        Assert.Equal((Capability.Vision, "input[1].image_url.url"), (Assert.Single(request!.Needs).Capability, request.Needs[0].Param));
        Assert.True(request.InputUnitsMax(1 << 20) > OpenAiLimits.PerImageAllowance);
        Assert.Equal(
            """{"model":"theirs","input":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}""",
            Encoding.UTF8.GetString(InputRequestWriter.Write(request.Work, "theirs")));
    }

    [Fact]
    public void Write_ForAnUpstream_ReadsBackTheSameAndSaysNothingTwice()
    {
        Assert.Null(EmbedRequestReader.TryRead("""{"model":"m","input":["a"],"dimensions":8,"stream":false,"task":"x"}"""u8.ToArray(), out var embed));
        var body = InputRequestWriter.Write(embed!.Work, "theirs");

        Assert.Equal("""{"model":"theirs","input":["a"],"encoding_format":"base64","dimensions":8,"task":"x"}""", Encoding.UTF8.GetString(body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[1]},{"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":-1,"embedding":[1]},{"index":1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[1e99]}]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":["1"]}]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":"*"}]}""")]
    [InlineData("""{"data":[1,2]}""")]
    public void ReadAnswer_ThatIsNone_IsRefused(string body) =>
        Assert.Throws<InvalidDataException>(() => InputAnswerReader.Embeddings(Encoding.UTF8.GetBytes(body), 2));

    [Fact]
    public void ReadAnswer_OutOfOrderAndInEitherForm_ComesOutByIndex()
    {
        var (events, tokens) = InputAnswerReader.Embeddings(
            """{"data":[{"index":1,"embedding":"AACAPw=="},{"index":0,"embedding":[2,-0.5]}],"usage":{"prompt_tokens":9,"total_tokens":9}}"""u8.ToArray(), 2);

        Assert.Equal(9u, tokens);
        Assert.Equal([1u, 0u], events.OrderByDescending(e => e.Choice).Select(e => e.Choice));
        Assert.Equal("AACAPw==", events[1].Vector.Values.ToBase64());
        Assert.Equal(8, events[0].Vector.Values.Length);
    }

    [Fact]
    public void ReadAnswer_OfRerankers_TakesTheirTotalForTheTokens()
    {
        var (events, tokens) = InputAnswerReader.Scores(
            """{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":-3.5}],"usage":{"total_tokens":12}}"""u8.ToArray(), 2);

        Assert.Equal(12u, tokens);
        Assert.Equal([-3.5f, 0.9f], events.Select(e => e.Score.Relevance));
    }

    [Fact]
    public void ReadAnswer_OfModerators_KnowsTheirCategoriesByName()
    {
        var (events, _) = InputAnswerReader.Verdicts(
            """{"results":[{"flagged":true,"categories":{"violence":true,"hate":false,"new":true},"category_scores":{"violence":0.5,"hate":2}}]}"""u8.ToArray(), 1);

        var verdict = Assert.Single(events).Verdict;
        Assert.True(verdict.Flagged);
        Assert.Equal(ModerationCategories.Bit("violence"), verdict.Categories);
        Assert.Equal(0.5f, verdict.Scores[11]);
        Assert.Equal(1, verdict.Scores[2]);
    }
}
