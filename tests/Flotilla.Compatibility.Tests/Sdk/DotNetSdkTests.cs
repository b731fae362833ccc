using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;
using OpenAI.Moderations;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>The official OpenAI package for .NET, unmodified.</summary>
public sealed class DotNetSdkTests(UpFleet fleet)
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Get the weather in a city",
        BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_are_listed_and_found_by_name()
    {
        OpenAIModelClient client = new(new ApiKeyCredential(fleet.ApiKey), Options());
        var models = (await client.GetModelsAsync(Token)).Value;
        Assert.Contains(models, model => model.Id == fleet.Model);
        Assert.Equal(fleet.Model, (await client.GetModelAsync(fleet.Model, Token)).Value.Id);
    }

    [Fact]
    public async Task A_whole_answer_has_text_usage_and_a_finish_reason()
    {
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], Greedy(), Token)).Value;
        Assert.StartsWith("chatcmpl-", answer.Id, StringComparison.Ordinal);
        Assert.Equal(fleet.Model, answer.Model);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.NotEqual("", answer.Content[0].Text);
        Assert.Contains(answer.FinishReason, new[] { ChatFinishReason.Stop, ChatFinishReason.Length });
        Assert.Equal(answer.Usage.TotalTokenCount, answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task Embeddings_are_vectors_of_length_one()
    {
        EmbeddingClient client = new(fleet.Model, new ApiKeyCredential(fleet.ApiKey), Options());
        var embeddings = (await client.GenerateEmbeddingsAsync(["What is Flotilla?", "Add 2 and 3."], cancellationToken: Token)).Value;
        Assert.Equal([0, 1], embeddings.Select(e => e.Index));
        Assert.All(embeddings, e => Assert.Equal(1, e.ToFloats().ToArray().Sum(v => v * v), 3));
        Assert.True(embeddings.Usage.InputTokenCount > 0);
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.GenerateEmbeddingAsync("a", new EmbeddingGenerationOptions { Dimensions = 3 }, Token));
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task Moderations_are_read_in_their_categories()
    {
        ModerationClient client = new(ToolServer.Reader, new ApiKeyCredential(fleet.ApiKey), Options());
        var several = (await client.ClassifyTextAsync(["Good morning", "I will kill you"], Token)).Value;
        Assert.Equal([false, true], several.Select(result => result.Flagged));
        Assert.True(several[1].Violence.Flagged);
        Assert.True(several[1].Violence.Score > 0.5);
        Assert.False(several[1].Hate.Flagged);
        Assert.False((await client.ClassifyTextAsync("Good morning", Token)).Value.Flagged);
    }

    [Fact]
    public async Task A_streamed_answer_is_the_whole_one_in_pieces()
    {
        var whole = (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], Greedy(), Token)).Value;
        List<StreamingChatCompletionUpdate> updates = [];
        await foreach (var update in Chat().CompleteChatStreamingAsync([new UserChatMessage("What is Flotilla?")], Greedy(), Token))
            updates.Add(update);
        Assert.Equal(whole.Content[0].Text, string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
        Assert.Equal(whole.FinishReason, updates.Select(update => update.FinishReason).Last(reason => reason is not null));
        // This SDK always asks for usage, and shows it on the last update.
        Assert.Equal(whole.Usage.TotalTokenCount, updates[^1].Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_alternatives()
    {
        var options = Greedy();
        options.IncludeLogProbabilities = true;
        options.TopLogProbabilityCount = 2;
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], options, Token)).Value;
        Assert.NotEmpty(answer.ContentTokenLogProbabilities);
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
    }

    [Theory]
    [InlineData("flotilla-demo")]
    [InlineData(ToolServer.Model)]
    public async Task A_tool_is_called_and_its_result_is_answered(string model)
    {
        var options = Greedy();
        options.Tools.Add(Weather);
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris?")];
        var asked = (await Chat(model).CompleteChatAsync(messages, options, Token)).Value;
        Assert.Equal(ChatFinishReason.ToolCalls, asked.FinishReason);
        var call = Assert.Single(asked.ToolCalls);
        Assert.Equal("get_weather", call.FunctionName);
        using var arguments = JsonDocument.Parse(call.FunctionArguments);
        Assert.Equal("Paris", arguments.RootElement.GetProperty("city").GetString());

        messages.Add(new AssistantChatMessage(asked));
        messages.Add(new ToolChatMessage(call.Id, """{"weather": "sunny", "degrees": 21}"""));
        var answered = (await Chat(model).CompleteChatAsync(messages, options, Token)).Value;
        Assert.Equal(ChatFinishReason.Stop, answered.FinishReason);
        Assert.Contains("sunny", answered.Content[0].Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_streamed_tool_call_arrives_in_pieces_that_make_JSON()
    {
        var options = Greedy();
        options.Tools.Add(Weather);
        List<StreamingChatToolCallUpdate> pieces = [];
        await foreach (var update in Chat(ToolServer.Model).CompleteChatStreamingAsync([new UserChatMessage("What is the weather in Paris?")], options, Token))
            pieces.AddRange(update.ToolCallUpdates);
        Assert.Equal("get_weather", Assert.Single(pieces, piece => !string.IsNullOrEmpty(piece.FunctionName)).FunctionName);
        using var arguments = JsonDocument.Parse(string.Concat(pieces.Select(piece => piece.FunctionArgumentsUpdate.ToString())));
        Assert.Equal("Paris", arguments.RootElement.GetProperty("city").GetString());
    }

    [Fact]
    public async Task A_call_that_is_demanded_is_made_with_arguments_of_its_schema()
    {
        var seat = ChatTool.CreateFunctionTool("book_seat", null, BinaryData.FromString(
            """{"type":"object","properties":{"row":{"type":"integer","minimum":1,"maximum":30}},"required":["row"],"additionalProperties":false}"""), functionSchemaIsStrict: true);
        foreach (var choice in new[] { ChatToolChoice.CreateRequiredChoice(), ChatToolChoice.CreateFunctionChoice("book_seat") })
        {
            var options = Greedy();
            options.MaxOutputTokenCount = 200;
            options.Tools.Add(Weather);
            options.Tools.Add(seat);
            options.ToolChoice = choice;
            options.AllowParallelToolCalls = false;
            var answer = (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], options, Token)).Value;
            Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
            var call = Assert.Single(answer.ToolCalls);
            using var arguments = JsonDocument.Parse(call.FunctionArguments);
            if (call.FunctionName == "book_seat")
                Assert.InRange(arguments.RootElement.GetProperty("row").GetInt32(), 1, 30);
            else
                Assert.Equal(JsonValueKind.String, arguments.RootElement.GetProperty("city").ValueKind);
        }
    }

    [Fact]
    public async Task A_JSON_schema_is_kept_whatever_the_model_would_say()
    {
        var options = Greedy();
        options.MaxOutputTokenCount = 200;
        options.ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(
            """{"type":"object","properties":{"name":{"type":"string","maxLength":20},"age":{"type":"integer","minimum":18,"maximum":99}},"required":["name","age"],"additionalProperties":false}"""),
            jsonSchemaIsStrict: true);
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], options, Token)).Value;
        using var person = JsonDocument.Parse(answer.Content[0].Text);
        Assert.Equal(["name", "age"], person.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.InRange(person.RootElement.GetProperty("age").GetInt32(), 18, 99);
    }

    [Fact]
    public async Task Log_probabilities_of_the_prompt_come_for_its_every_token()
    {
        // The package has no words for them, and sends what it is given.
        using var body = BinaryContent.Create(BinaryData.FromString($$"""{"model":"{{fleet.Model}}","messages":[{"role":"user","content":"What is Flotilla?"}],"max_completion_tokens":4,"prompt_logprobs":2}"""));
        using var answer = JsonDocument.Parse((await Chat().CompleteChatAsync(body, new RequestOptions { CancellationToken = Token })).GetRawResponse().Content);
        var told = answer.RootElement.GetProperty("prompt_logprobs").EnumerateArray().ToArray();
        Assert.Equal(answer.RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), told.Length);
        Assert.Equal(JsonValueKind.Null, told[0].ValueKind);
        Assert.All(told[1..], token => Assert.InRange(token.EnumerateObject().Count(), 2, 3));
    }

    [Fact]
    public async Task A_stream_can_be_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Chat().CompleteChatStreamingAsync([new UserChatMessage("What is Flotilla?")], Greedy(), stop.Token))
                await stop.CancelAsync();
        });
        Assert.NotEqual("", (await Chat().CompleteChatAsync([new UserChatMessage("What is Flotilla?")], Greedy(), Token)).Value.Content[0].Text);
    }

    [Theory]
    [InlineData("key", 401)]
    [InlineData("credits", 402)]
    [InlineData("model", 404)]
    [InlineData("temperature", 400)]
    public async Task Refusals_are_ClientResultExceptions_with_their_status(string what, int status)
    {
        var key = what switch { "key" => "sk-flt-wrong", "credits" => fleet.EmptyKey, _ => fleet.ApiKey };
        var options = Greedy();
        options.Temperature = what == "temperature" ? 9 : 0;
        ChatClient client = new(what == "model" ? "no-such-model" : fleet.Model, new ApiKeyCredential(key), Options());
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync([new UserChatMessage("hi")], options, Token));
        Assert.Equal(status, refused.Status);
        Assert.DoesNotContain("sk-flt-wrong", refused.Message, StringComparison.Ordinal);
    }

    private ChatClient Chat(string? model = null) => new(model ?? fleet.Model, new ApiKeyCredential(fleet.ApiKey), Options());

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(fleet.BaseUrl), RetryPolicy = new ClientRetryPolicy(0) };

    private static ChatCompletionOptions Greedy() => new() { Temperature = 0, MaxOutputTokenCount = 48 };
}
