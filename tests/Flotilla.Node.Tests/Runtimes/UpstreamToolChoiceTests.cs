using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Servers take tool_choice, and some forget it; and what servers say that their models can do.</summary>
public sealed class UpstreamToolChoiceTests
{
    private const string Words = """{"choices":[{"index":0,"delta":{"content":"Well, "}}]}""";
    private const string Call = """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}}]}""";
    private const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Length = """{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<Chat.Types.ToolChoice, string, string[], bool> Answers => new()
    {
        { Chat.Types.ToolChoice.Auto, "", [Words, Stop], true },
        { Chat.Types.ToolChoice.Required, "", [Words, Stop], false },
        { Chat.Types.ToolChoice.Required, "", [Words, "[DONE]"], false },
        { Chat.Types.ToolChoice.Required, "", [Words, Length], true },
        { Chat.Types.ToolChoice.Required, "", [Words, Call, Stop], true },
        { Chat.Types.ToolChoice.Named, "f", [Call, Stop], true },
        { Chat.Types.ToolChoice.Named, "g", [Call, Stop], false },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_demanded_call_that_was_not_made_fails_the_job(Chat.Types.ToolChoice choice, string name, string[] answer, bool passes)
    {
        await using var server = new ScriptedServer(ScriptedServer.EventStream([.. answer, "[DONE]"]));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        var work = Jobs.Chat();
        work.Chat.Tools.Add(new Tool { Name = "f", Parameters = "{}" });
        work.Chat.ToolChoice = choice;
        work.Chat.ToolName = name;
        var result = await runtime.RunAsync(
            new RunRequest
            {
                JobId = "job_1", Model = new Model { Name = Jobs.Model }, Kind = JobKind.Text, Work = work, Shape = JobKind.Text.Shape(work), Seed = 1,
                Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
            },
            new CollectingOutput(), Ct);
        Assert.Equal(passes ? null : Code.ToolChoice, result.Failure?.Code);
        Assert.NotEqual(true, result.Failure?.Retryable);
    }

    [Theory]
    [InlineData("""{"id":"m","capabilities":["completion","multimodal"]}""", "vision")]
    [InlineData("""{"id":"m","architecture":{"input_modalities":["text","image","file"]},"supported_parameters":["tools","reasoning_effort"]}""", "reasoning_effort,vision,file_input")]
    [InlineData("""{"id":"m","supports":["chat","image_input"]}""", "vision")]
    [InlineData("""{"id":"m","capabilities":{"vision":true},"input_modalities":[7,null]}""", "")]
    public async Task What_the_list_says_of_a_model_is_offered(string row, string more)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", $$"""{"data":[{{row}}]}"""));
        var options = new UpstreamOptions { BaseUrl = server.Url };
        using var runtime = new UpstreamRuntime(options);
        var model = Assert.Single((await runtime.ProbeAsync(Ct)).Models);
        Assert.Equal(more, string.Join(',', model.Capabilities.Except(options.Capabilities)));
    }
}
