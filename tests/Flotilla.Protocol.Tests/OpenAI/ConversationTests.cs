using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>A conversation that goes on is held to the bounds of one that is sent whole.</summary>
public sealed class ConversationTests
{
    private const string Image = """{"type":"input_image","image_url":"data:image/png;base64,aGk="}""";

    [Theory]
    [InlineData(OpenAiLimits.MediaPartsMax - 1, true)]
    [InlineData(OpenAiLimits.MediaPartsMax, false)]
    public void Images_count_over_all_responses(int earlier, bool fits)
    {
        var (request, error) = Conversation.Continue(Read(Image), Earlier(new ContentPart { Image = new Image { Url = "data:image/png;base64,aGk=" } }, earlier));

        Assert.Equal(fits, request is not null);
        Assert.Equal(fits ? null : "previous_response_id", error?.Param);
    }

    [Fact]
    public void Bytes_count_over_all_responses()
    {
        var half = new string('x', OpenAiLimits.ConversationBytesMax / 2);

        Assert.NotNull(Conversation.Continue(Read(Text("a")), Earlier(new ContentPart { Text = half }, 1)).Request);
        Assert.Contains("the limits are", Conversation.Continue(Read(Text(half)), Earlier(new ContentPart { Text = half }, 1)).Error!.Message, StringComparison.Ordinal);
    }

    private static Chat Earlier(ContentPart part, int count) => new() { Messages = { Enumerable.Repeat(new Message { Role = "user", Parts = { part } }, count) } };

    private static string Text(string text) => $$"""{"type":"input_text","text":"{{text}}"}""";

    private static TextInference Read(string part)
    {
        var body = $$"""{"model":"m","previous_response_id":"resp_1","input":[{"role":"user","content":[{{part}}]}]}""";
        Assert.Null(ResponsesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }
}
