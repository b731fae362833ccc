using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Flotilla.Testing.Models;
using OpenAI;
using OpenAI.Embeddings;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>A model file that reads texts and writes none, through the whole of Flotilla: the official OpenAI package for .NET, and Cohere's shape for judges.</summary>
public sealed class EncoderTests
{
    /// <summary>The file of <c>tests/clients</c> that is about encoders.</summary>
    public const string File = "encoder.test.mjs";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_embedding_model_embeds_for_the_npm_package()
    {
        await using var fleet = await ModelFleet.StartAsync(Options(("matryoshka_dimensions", (int[])[32])), Token);
        await NpmTest.RunAsync(
            File, fleet.BaseUrl, fleet.ApiKey, ("FLOTILLA_EMPTY_KEY", fleet.ApiKey), ("FLOTILLA_MODEL", fleet.Model), ("FLOTILLA_TOOL_MODEL", fleet.Model), ("FLOTILLA_READER_MODEL", fleet.Model));
    }

    [Fact]
    public async Task An_embedding_model_embeds_for_the_sdk_and_refuses_what_it_cannot()
    {
        await using var fleet = await ModelFleet.StartAsync(Options(("matryoshka_dimensions", (int[])[32])), Token);
        EmbeddingClient client = new(fleet.Model, new ApiKeyCredential(fleet.ApiKey), new OpenAIClientOptions { Endpoint = new Uri(fleet.BaseUrl) });

        string[] texts = [.. Enumerable.Range(0, 60).Select(count => string.Join(' ', Enumerable.Repeat("the same words", 1 + (count % 20))))];
        var embeddings = (await client.GenerateEmbeddingsAsync(texts, cancellationToken: Token)).Value;
        Assert.Equal(Enumerable.Range(0, 60), embeddings.Select(e => e.Index));
        Assert.All(embeddings, e => Assert.Equal((64, 1.0), (e.ToFloats().Length, Math.Round(e.ToFloats().ToArray().Sum(v => (double)v * v), 4))));
        // [CLS] and [SEP] are tokens too, and alone or beside others a text has the same vector.
        var alone = (await client.GenerateEmbeddingsAsync([texts[7]], cancellationToken: Token)).Value;
        Assert.Equal(embeddings[7].ToFloats().ToArray(), alone[0].ToFloats().ToArray());
        Assert.True(alone.Usage.InputTokenCount > 2 + (8 * 3));

        var shorter = (await client.GenerateEmbeddingAsync(texts[7], new EmbeddingGenerationOptions { Dimensions = 32 }, Token)).Value.ToFloats();
        Assert.Equal((32, 1.0), (shorter.Length, Math.Round(shorter.ToArray().Sum(v => (double)v * v), 4)));
        await RefusedAsync("dimensions", () => client.GenerateEmbeddingAsync("a", new EmbeddingGenerationOptions { Dimensions = 33 }, Token));
        await RefusedAsync("context_length_exceeded", () => client.GenerateEmbeddingAsync(string.Concat(Enumerable.Repeat("a ", 300)), cancellationToken: Token));

        using var chat = await fleet.Http.PostAsJsonAsync("chat/completions", new { model = fleet.Model, messages = new[] { new { role = "user", content = "Hi" } } }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, chat.StatusCode);
        Assert.Contains("model_not_for_endpoint", await chat.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_orders_documents()
    {
        await using var fleet = await ModelFleet.StartAsync(Options(("pooling_type", 4)), Token);
        string[] documents = [.. Enumerable.Range(0, 20).Select(number => $"document of the number {number}")];

        using var response = await fleet.Http.PostAsJsonAsync("rerank", new { model = fleet.Model, query = "which number", documents, top_n = 5 }, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        double[] scores = [.. body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("relevance_score").GetDouble())];
        Assert.Equal(5, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        Assert.True(scores.Distinct().Count() > 1);
        Assert.True(body.GetProperty("usage").GetProperty("total_tokens").GetInt32() > 20 * 6);

        using var tooLong = await fleet.Http.PostAsJsonAsync("rerank", new { model = fleet.Model, query = "q", documents = new[] { string.Concat(Enumerable.Repeat("a ", 300)) } }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
        Assert.Contains("context_length_exceeded", await tooLong.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var embeddings = await fleet.Http.PostAsJsonAsync("embeddings", new { model = fleet.Model, input = "a" }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, embeddings.StatusCode);
    }

    private static async Task RefusedAsync(string name, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<ClientResultException>(call);
        Assert.Equal(400, refused.Status);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    private static SyntheticModelOptions Options(params (string Key, object Value)[] extra) =>
        SyntheticModelOptions.Encoder(WeightType.Q8_0) with { Extra = extra.ToDictionary(pair => pair.Key, pair => pair.Value) };
}
