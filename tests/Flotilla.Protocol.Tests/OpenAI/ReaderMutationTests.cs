using System.Text;
using Flotilla.Protocol.OpenAI;

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
    ];

    [Fact]
    public void TryRead_AnyMutationOfAValidBody_AnswersAndNeverThrows()
    {
        var random = new Random(20261120);
        var accepted = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var body = Mutation.Of(Encoding.UTF8.GetBytes(Seeds[i % Seeds.Length]), random);
            accepted += Check(body, ChatRequestReader.TryRead) + Check(body, CompletionRequestReader.TryRead);
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
        return error is null ? 1 : 0;
    }

    private delegate ApiError? TryReadBody(ReadOnlyMemory<byte> body, out TextInference? request);
}
