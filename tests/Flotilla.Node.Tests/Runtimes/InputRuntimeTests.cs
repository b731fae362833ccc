using Flotilla.Engine;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Models;
using Google.Protobuf;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Embeddings, reranking and moderation by the engine and by another server.</summary>
public sealed class InputRuntimeTests
{
    private const string Vectors = """{"data":[{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":5,"total_tokens":5}}""";

    private static readonly EmbedRequest Embed = new() { Inputs = { new Prompt { Text = "a" } } };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_engine_embeds_texts_and_token_ids_alike()
    {
        using var file = SyntheticModelFile.Create();
        var engine = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct);
        await using var runtime = new EngineRuntime(engine, "tiny");
        Assert.Contains(Capability.Embeddings, (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);
        var ids = engine.Tokenize("hello").Select(t => (uint)t).ToArray();
        var work = new EmbedRequest { Inputs = { new Prompt { Text = "hello" }, new Prompt { TokenIds = new TokenIds { Ids = { ids } } }, new Prompt { Text = "other" } } };

        var (result, output) = await RunAsync(runtime, JobKind.Embed, work);

        Assert.Null(result.Failure);
        var vectors = output.Events.OrderBy(e => e.Choice).Select(e => e.Vector.Values).ToArray();
        Assert.Equal(vectors[0], vectors[1]);
        Assert.NotEqual(vectors[0], vectors[2]);
        Assert.Equal(Float32.Bytes((await engine.EmbedAsync("hello", cancellation: Ct)).Vector), vectors[0].ToByteArray());
        Assert.Equal((uint)(ids.Length + ids.Length + engine.Tokenize("other").Length), result.Usage.PromptTokens);
        Assert.Equal(0u, result.Usage.CompletionTokens);
        Assert.Empty(result.TraceRoot.ToArray());
    }

    [Fact]
    public async Task The_engine_does_not_shorten_its_vectors()
    {
        using var file = SyntheticModelFile.Create();
        var engine = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct);
        await using var runtime = new EngineRuntime(engine, "tiny");
        var work = Embed.Clone();
        work.Dimensions = (uint)engine.Model.EmbeddingLength;
        Assert.Null((await RunAsync(runtime, JobKind.Embed, work)).Result.Failure);
        work.Dimensions--;

        var (result, output) = await RunAsync(runtime, JobKind.Embed, work);

        Assert.Equal((Code.Unsupported, "dimensions"), (result.Failure!.Code, result.Failure.Param));
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task An_encoder_offers_vectors_alone_and_shortens_them_where_its_file_says_so()
    {
        using var file = SyntheticModelFile.Create(Encoder(("matryoshka_dimensions", (int[])[16])));
        await using var runtime = new EngineRuntime(await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct), "tiny");
        Assert.Equal([Capability.Embeddings], (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);
        var work = Embed.Clone();
        work.Dimensions = 16;

        var (result, output) = await RunAsync(runtime, JobKind.Embed, work);

        Assert.Null(result.Failure);
        Assert.Equal(16 * sizeof(float), Assert.Single(output.Events).Vector.Values.Length);
        work.Dimensions = 17;
        var failure = (await RunAsync(runtime, JobKind.Embed, work)).Result.Failure!;
        Assert.Equal((Code.Unsupported, "dimensions"), (failure.Code, failure.Param));
        Assert.Contains("16, 64", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_scores_every_document()
    {
        using var file = SyntheticModelFile.Create(Encoder(("pooling_type", 4)));
        var engine = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct);
        await using var runtime = new EngineRuntime(engine, "tiny");
        Assert.Equal([Capability.Rerank], (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);
        var work = new RerankRequest { Query = "what", Documents = { "this", "that one", "" } };

        var (result, output) = await RunAsync(runtime, JobKind.Rerank, work);

        Assert.Null(result.Failure);
        foreach (var (document, index) in work.Documents.Select((document, index) => (document, (uint)index)))
            Assert.Equal((await engine.RankAsync("what", document, Ct)).Score, output.Events.Single(e => e.Choice == index).Score.Relevance);
        work.Documents.Add(string.Concat(Enumerable.Repeat("a ", 300)));
        var failure = (await RunAsync(runtime, JobKind.Rerank, work)).Result.Failure!;
        Assert.Equal((Code.ContextLength, "documents"), (failure.Code, failure.Param));
    }

    [Fact]
    public async Task The_engine_refuses_what_is_longer_than_its_context()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = new EngineRuntime(await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct), "tiny");
        var work = new EmbedRequest { Inputs = { new Prompt { TokenIds = new TokenIds { Ids = { Enumerable.Repeat(5u, 100_000) } } } } };

        var (result, _) = await RunAsync(runtime, JobKind.Embed, work);

        Assert.Equal((Code.ContextLength, "input"), (result.Failure!.Code, result.Failure.Param));
    }

    private static SyntheticModelOptions Encoder(params (string Key, object Value)[] extra) =>
        SyntheticModelOptions.Encoder(WeightType.Q8_0) with { Extra = extra.ToDictionary(pair => pair.Key, pair => pair.Value) };

    [Theory]
    [InlineData(2048, 3072, true)]
    [InlineData(2048, 3073, false)]
    [InlineData(768, 8192, true)]
    [InlineData(2048, 8192, false)]
    public void Vectors_that_one_answer_cannot_hold_are_the_clients_to_mend(int inputs, int dimensions, bool fits)
    {
        var failure = VectorSize.Check(inputs, dimensions);

        Assert.Equal(fits, failure is null);
        Assert.True(fits || failure is { Code: Code.InvalidRequest, Param: "input", Retryable: false });
    }

    public static TheoryData<JobKind, IMessage, string, string, string> Served => new()
    {
        { JobKind.Embed, Embed, Vectors, "POST /v1/embeddings", "\"encoding_format\":\"base64\"" },
        {
            JobKind.Rerank, new RerankRequest { Query = "q", Documents = { "a", "b" } },
            """{"results":[{"index":1,"relevance_score":0.5},{"index":0,"relevance_score":0.25}],"usage":{"total_tokens":5}}""", "POST /v1/rerank", "\"top_n\":2"
        },
        {
            JobKind.Moderate, new ModerateRequest { Inputs = { "a" } },
            """{"results":[{"flagged":false,"categories":{},"category_scores":{}}],"usage":{"prompt_tokens":5}}""", "POST /v1/moderations", "\"input\":[\"a\"]"
        },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Served))]
    public async Task A_server_answers_each_kind(JobKind kind, IMessage work, string answer, string line, string said)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", answer));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });

        var (result, output) = await RunAsync(runtime, kind, work);

        Assert.Null(result.Failure);
        Assert.Equal(5u, result.Usage.PromptTokens);
        var rules = new OutputRules(kind, kind.Shape(work));
        Assert.All(output.Events, e => Assert.Null(rules.Admit(e, out _)));
        Assert.Equal(-1, rules.Open);
        var request = await server.RequestAsync();
        Assert.StartsWith(line, request, StringComparison.Ordinal);
        Assert.Contains(said, request, StringComparison.Ordinal);
    }

    public static TheoryData<string, Code> Failures => new()
    {
        { ScriptedServer.Http(200, "application/json", "{"), Code.Runtime },
        { ScriptedServer.Http(200, "application/json", """{"data":[]}"""), Code.Runtime },
        { ScriptedServer.Http(200, "text/plain", Vectors), Code.Runtime },
        { ScriptedServer.Http(400, "application/json", """{"error":{"message":"no embeddings","param":"input"}}"""), Code.InvalidRequest },
        { ScriptedServer.Http(404, "application/json", "{}"), Code.Unavailable },
        { ScriptedServer.Http(200, "application/json", Vectors)[..^10], Code.Unavailable },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Failures))]
    public async Task A_server_that_gives_no_answer_fails_the_job_alone(string answer, Code code)
    {
        await using var server = new ScriptedServer(answer);
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });

        var (result, output) = await RunAsync(runtime, JobKind.Embed, Embed);

        Assert.Equal(code, result.Failure!.Code);
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task A_server_that_overlooks_dimensions_is_not_passed_on()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Vectors));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        var work = Embed.Clone();
        work.Dimensions = 1;

        var (result, _) = await RunAsync(runtime, JobKind.Embed, work);

        Assert.Equal((Code.Unsupported, "dimensions"), (result.Failure!.Code, result.Failure.Param));
    }

    [Fact]
    public async Task A_list_that_tells_the_kinds_of_its_models_is_believed()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(
            200, "application/json", """{"data":[{"id":"embedder","capabilities":["embeddings"]},{"id":"talker"}]}"""));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });

        var models = (await runtime.ProbeAsync(Ct)).Models;

        Assert.Contains(Capability.Embeddings, models[0].Capabilities);
        Assert.DoesNotContain(Capability.Chat, models[0].Capabilities);
        Assert.Contains(Capability.Chat, models[1].Capabilities);
    }

    private static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(IRuntime runtime, JobKind kind, IMessage work)
    {
        var output = new CollectingOutput();
        var request = new RunRequest
        {
            JobId = "job_1",
            Model = new Model { Name = Jobs.Model },
            Kind = kind,
            Work = work,
            Shape = kind.Shape(work),
            Seed = 1,
            Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
        };
        return (await runtime.RunAsync(request, output, Ct), output);
    }
}
