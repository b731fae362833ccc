using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ReaderMutationTests
{
    private const int Mutations = 20_000;

    private static readonly string[] Seeds =
    [
        """
        {"model":"m","messages":[{"role":"system","content":"é😀\u2028"},{"role":"user","content":[{"type":"text","text":"hi"}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}],
        "temperature":0.7,"n":2,"stop":["a","b"],"logit_bias":{"5":-1.5},"metadata":{"k":"v"},"stream":true,"stream_options":{"include_usage":true},"logprobs":true,"top_logprobs":2,
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}],"seed":42,"x":{"y":[1,2,{"z":null}]}}
        """,
        """{"model":"m","prompt":[[1,2,3],[4]],"max_tokens":7,"echo":false,"logprobs":2,"n":1,"best_of":1,"suffix":null,"stop":"\ud83d\ude00","seed":-9,"unknown":1e3}""",
        """
        {"model":"m","max_tokens":9,"system":[{"type":"text","text":"a"}],"messages":[{"role":"user","content":"q\u2028"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","id":"t","name":"f","input":{"x":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"21"}],"is_error":true},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}],
        "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f"},"stop_sequences":["x"],"temperature":0.5,"stream":true,"thinking":{"type":"enabled","budget_tokens":1024}}
        """,
        """
        {"model":"m","instructions":"a","input":[{"role":"user","content":[{"type":"input_text","text":"q"},{"type":"input_image","image_url":"data:image/png;base64,aGk="}]},
        {"type":"function_call","call_id":"c","namespace":"n","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1\u2028"},{"id":"x","role":"assistant","content":"b"}],
        "tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f","parameters":{}}]}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"n__f"}]},
        "text":{"format":{"type":"json_schema","name":"x","schema":{}}},"reasoning":{"effort":"low"},"max_output_tokens":16,"store":true,"previous_response_id":"resp_1","metadata":{"k":"v"}}
        """,
        """{"model":"m","image_url":{"url":"data:image/gif;base64,R0lGODlhAQABAAAAADs=","detail":"low"},"prompt":"é\u2028","n":2,"max_tokens":9,"temperature":0.5,"seed":-1}""",
        """{"model":"m","b64_json":"R0lGODlhAQABAAAAADs=","detail":"auto","x":{"y":null}}""",
    ];

    [Fact]
    public void TryRead_AnyMutationOfAValidBody_AnswersAndNeverThrows()
    {
        var random = new Random(20261120);
        var accepted = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var body = Mutation.Of(Encoding.UTF8.GetBytes(Seeds[i % Seeds.Length]), random);
            accepted += Check(body, ChatRequestReader.TryRead) + Check(body, CompletionRequestReader.TryRead)
                + Check(body, MessagesRequestReader.TryRead) + Check(body, ResponsesRequestReader.TryRead)
                + Check(body, DescriptionRequestReader.TryReadImage) + Check(body, DescriptionRequestReader.TryReadVideo);
        }

        // Both ends of the scale must be reached, or the mutations are too wild or too tame to show anything.
        Assert.InRange(accepted, Mutations / 100, Mutations);
    }

    private static int Check(byte[] body, TryReadBody read)
    {
        ApiError? error;
        TextInference? request;
        try
        {
            error = read(body, out request);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"This body threw: {Convert.ToBase64String(body)}", e);
        }

        Assert.NotEqual(error is null, request is null);
        if (error is not null)
            Assert.InRange(error.Status, 400, 400);
        // What was accepted must survive the way to a node.
        if (request is not null)
            Assert.Equal(request.Work, Protocol.Link.TextRequest.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(request.Work)));
        if (request?.Response is { } terms)
            CheckTerms(terms);
        return error is null ? 1 : 0;
    }

    /// <summary>What a response repeats must be JSON, and one line of an event stream.</summary>
    private static void CheckTerms(ResponseTerms terms)
    {
        using var echo = JsonDocument.Parse("{\"x\":0" + Encoding.UTF8.GetString(terms.Echo.Span) + "}");
        using var items = JsonDocument.Parse(InputItems.Of(terms.Input, new CountingIdSource()));
        Assert.All(items.RootElement.EnumerateArray(), i => Assert.Equal(JsonValueKind.String, i.GetProperty("id").ValueKind));
        Assert.True(terms.Echo.Span.IndexOfAny("\r\n"u8) < 0);
    }

    private delegate ApiError? TryReadBody(ReadOnlyMemory<byte> body, out TextInference? request);
}
