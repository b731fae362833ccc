using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class EnsembleReaderTests
{
    [Fact]
    public void Models_StandAfterModelAndNeedNone()
    {
        Assert.Equal(["m", "a", "b"], Requests.ChatWith("\"models\":[\"a\",\"b\"]").Ensemble!.Models);
        Assert.Equal(["m", "b"], Requests.ChatWith("\"models\":[\"m\",\"b\"]").Ensemble!.Models);
        var alone = Requests.Chat("""{"models":["a","b"],"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal("a", alone.Model);
        Assert.Equal(["a", "b"], alone.Ensemble!.Models);
    }

    [Theory]
    [InlineData("fallback", EnsembleStrategy.Fallback)]
    [InlineData("race", EnsembleStrategy.Race)]
    [InlineData("all", EnsembleStrategy.All)]
    [InlineData("vote", EnsembleStrategy.Vote)]
    public void Strategy_EachWord_IsRead(string word, EnsembleStrategy strategy) =>
        Assert.Equal(strategy, Requests.ChatWith($"\"models\":[\"a\"],\"strategy\":\"{word}\"").Ensemble!.Strategy);

    [Fact]
    public void Strategy_Judge_NamesItsModel()
    {
        var ensemble = Requests.CompletionWith("\"prompt\":\"x\",\"models\":[\"a\"],\"strategy\":\"judge\",\"judge_model\":\"j\"").Ensemble!;
        Assert.Equal((EnsembleStrategy.Judge, "j"), (ensemble.Strategy, ensemble.JudgeModel));
    }

    [Theory]
    [InlineData("\"temperature\":1")]
    [InlineData("\"models\":null,\"strategy\":null,\"judge_model\":null")]
    public void Ensemble_NothingAsked_IsNull(string fields) => Assert.Null(Requests.ChatWith(fields).Ensemble);

    [Theory]
    [InlineData("\"models\":\"a\"", "models")]
    [InlineData("\"models\":[]", "models")]
    [InlineData("\"models\":[7]", "models[0]")]
    [InlineData("\"models\":[\"\"]", "models[0]")]
    [InlineData("\"models\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "models")]
    [InlineData("\"models\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]", "models")]
    [InlineData("\"models\":[\"a\",\"a\"]", "models")]
    [InlineData("\"models\":[\"a\",\"m\"]", "models")]
    [InlineData("\"strategy\":\"best\"", "strategy")]
    [InlineData("\"strategy\":1", "strategy")]
    [InlineData("\"models\":[\"a\"],\"strategy\":\"judge\"", "judge_model")]
    [InlineData("\"models\":[\"a\"],\"judge_model\":\"j\"", "judge_model")]
    [InlineData("\"models\":[\"a\"],\"strategy\":\"vote\",\"n\":2", "n")]
    public void Ensemble_WhatDoesNotGoTogether_Is400(string fields, string param)
    {
        var error = Requests.ChatErrorWith(fields);
        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Theory]
    [InlineData("models", "[\"a\"]")]
    [InlineData("strategy", "\"race\"")]
    [InlineData("judge_model", "\"j\"")]
    public void Ensemble_AtEndpointsWithoutIt_Is400(string field, string value)
    {
        foreach (var (endpoint, body) in new[] { (InferenceEndpoint.Responses, "\"input\":\"x\""), (InferenceEndpoint.Embeddings, "\"input\":\"x\""), (InferenceEndpoint.Messages, "\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]") })
        {
            var error = Dialect.Of(endpoint).TryRead(System.Text.Encoding.UTF8.GetBytes($"{{\"model\":\"m\",{body},\"{field}\":{value}}}"), out _);
            Assert.Equal((400, field), (error!.Status, error.Param));
        }
    }
}
