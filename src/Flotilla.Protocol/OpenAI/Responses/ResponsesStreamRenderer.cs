using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A response as named, numbered events: the response, its items one after another, and the response again, whole.</summary>
internal sealed class ResponsesStreamRenderer(TextInference request, AnswerHead head) : IStreamRenderer, IResponseRenderer
{
    private readonly ResponseOutput _response = new(request, head);
    private int _begun;
    private int _told;
    private long _sequence;

    /// <inheritdoc />
    public ResponseRecord? Record { get; private set; }

    /// <inheritdoc />
    public long Held => _response.Chars;

    /// <inheritdoc />
    public void Write(Event item, IBufferWriter<byte> output)
    {
        var target = _response.Take(item, out var text);
        if (target is null)
            return;
        Begin(output);
        var index = target.Index;
        if (index == _begun)
        {
            // Calls may come side by side, and stay open until the end; whatever else is done when the next item begins.
            if (index > 0 && _response.Items[index - 1].Kind != OutputItemKind.FunctionCall)
                End(index - 1, "completed"u8, output);
            _begun++;
            Open(target, index, output);
        }

        if (text.Length > 0)
            Delta(target, index, text, output);
        _told = target.Tokens.Count;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        Begin(output);
        EndAll(_response.EndStatus, output);
        var body = new ArrayBufferWriter<byte>(1024);
        _response.Write(body, _response.EndStatus, usage);
        Record = new ResponseRecord(head.Id, body.WrittenMemory, _response.Answer());
        Start(_response.EndStatus.SequenceEqual("completed"u8) ? "response.completed"u8 : "response.incomplete"u8, output);
        output.Write(",\"response\":"u8);
        output.Write(body.WrittenSpan);
        output.Write("}\n\n"u8);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output)
    {
        Begin(output);
        EndAll("incomplete"u8, output);
        Start("response.failed"u8, output);
        output.Write(",\"response\":"u8);
        _response.Write(output, "failed"u8, usage: null, ResponseError.Of(error));
        output.Write("}\n\n"u8);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        if (_sequence > 0)
            return;
        // The item that is about to be shown is no part of the response yet.
        var unopened = new ResponseOutput(request, head);
        foreach (var name in (ReadOnlySpan<string>)["response.created", "response.in_progress"])
        {
            Start(System.Text.Encoding.ASCII.GetBytes(name), output);
            output.Write(",\"response\":"u8);
            unopened.Write(output, "in_progress"u8, usage: null);
            output.Write("}\n\n"u8);
        }
    }

    private void Open(OutputItem item, int index, IBufferWriter<byte> output)
    {
        Start("response.output_item.added"u8, output);
        WriteIndex(index, output);
        output.Write(",\"item\":"u8);
        item.Write(output, "in_progress"u8, empty: true);
        output.Write("}\n\n"u8);
        if (item.Kind == OutputItemKind.FunctionCall)
            return;
        Start("response.content_part.added"u8, output);
        WritePlace(item, index, output);
        output.Write(",\"part\":"u8);
        item.WritePart(output, empty: true);
        _told = 0;
        output.Write("}\n\n"u8);
    }

    private void Delta(OutputItem item, int index, string text, IBufferWriter<byte> output)
    {
        Start(item.Kind switch
        {
            OutputItemKind.Message => "response.output_text.delta"u8,
            OutputItemKind.Reasoning => "response.reasoning_text.delta"u8,
            _ => "response.function_call_arguments.delta"u8,
        }, output);
        WritePlace(item, index, output);
        output.Write(",\"delta\":"u8);
        output.WriteJsonString(text);
        if (item.Kind == OutputItemKind.Message)
        {
            output.Write(",\"logprobs\":"u8);
            LogprobsOut.WriteTokens(output, item.Tokens[_told..], item.TopLogprobs);
        }

        output.Write("}\n\n"u8);
    }

    private void EndAll(ReadOnlySpan<byte> last, IBufferWriter<byte> output)
    {
        for (var i = 0; i < _response.Items.Count; i++)
            End(i, i == _response.Items.Count - 1 ? last : "completed"u8, output);
    }

    private void End(int index, ReadOnlySpan<byte> status, IBufferWriter<byte> output)
    {
        var item = _response.Items[index];
        if (item.Ended)
            return;
        item.Ended = true;
        var text = item.Text.ToString();
        Start(item.Kind switch
        {
            OutputItemKind.Message => "response.output_text.done"u8,
            OutputItemKind.Reasoning => "response.reasoning_text.done"u8,
            _ => "response.function_call_arguments.done"u8,
        }, output);
        WritePlace(item, index, output);
        if (item.Kind == OutputItemKind.FunctionCall)
        {
            output.Write(",\"name\":"u8);
            output.WriteJsonString(item.Function.Name);
        }

        if (item.Kind == OutputItemKind.Message)
        {
            output.Write(",\"logprobs\":"u8);
            LogprobsOut.WriteTokens(output, item.Tokens, item.TopLogprobs);
        }

        output.Write(item.Kind == OutputItemKind.FunctionCall ? ",\"arguments\":"u8 : ",\"text\":"u8);
        output.WriteJsonString(text);
        output.Write("}\n\n"u8);
        if (item.Kind != OutputItemKind.FunctionCall)
        {
            Start("response.content_part.done"u8, output);
            WritePlace(item, index, output);
            output.Write(",\"part\":"u8);
            item.WritePart(output);
            output.Write("}\n\n"u8);
        }

        Start("response.output_item.done"u8, output);
        WriteIndex(index, output);
        output.Write(",\"item\":"u8);
        item.Write(output, status);
        output.Write("}\n\n"u8);
    }

    private void Start(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: {\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"sequence_number\":"u8);
        output.WriteJsonNumber(_sequence++);
    }

    private static void WriteIndex(int index, IBufferWriter<byte> output)
    {
        output.Write(",\"output_index\":"u8);
        output.WriteJsonNumber(index);
    }

    private static void WritePlace(OutputItem item, int index, IBufferWriter<byte> output)
    {
        WriteIndex(index, output);
        output.Write(",\"item_id\":"u8);
        output.WriteJsonString(item.Id);
        if (item.Kind != OutputItemKind.FunctionCall)
            output.Write(",\"content_index\":0"u8);
    }
}
