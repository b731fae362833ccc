using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Chunks of a chat. What is the same in every chunk is encoded once, so that a chunk is three writes and no allocation.</summary>
internal sealed class ChatStreamRenderer(TextInference request, AnswerHead head)
    : StreamRenderer(request, head, AnswerOut.ChunkHead(head, "chat.completion.chunk"u8))
{
    private readonly Choice?[] _choices = new Choice?[request.ChoicesTotal];
    private readonly bool _logprobs = request.Work.HasTopLogprobs;
    private readonly AnswerHead _head = head;

    private ReadOnlySpan<byte> Tail => AnswerOut.ChunkTail(Request.IncludeUsage);

    /// <inheritdoc />
    public override void Write(Event item, IBufferWriter<byte> output)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                WriteText(item, item.Text.Text_, output);
                break;
            case Event.BodyOneofCase.None:
                WriteText(item, "", output);
                break;
            case Event.BodyOneofCase.Reasoning when item.Reasoning.Text_.Length > 0:
                output.Write(Open(item.Choice, output).Delta);
                output.Write("\"reasoning_content\":"u8);
                output.WriteJsonString(item.Reasoning.Text_);
                Close(output);
                break;
            case Event.BodyOneofCase.ToolCall:
                WriteToolCall(item.Choice, item.ToolCall, output);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                WriteFinish(item.Choice, item.ChoiceDone.Finish, output);
                break;
        }
    }

    /// <inheritdoc />
    protected override ReadOnlySpan<byte> Broken => ",\"delta\":{},\"finish_reason\":\"error\"}"u8;

    /// <inheritdoc />
    protected override bool IsDone(int choice) => _choices[choice] is { Done: true };

    private void WriteText(Event item, string text, IBufferWriter<byte> output)
    {
        var logprobs = _logprobs && LogprobsOut.Any(item.Tokens);
        if (text.Length == 0 && !logprobs)
            return;
        output.Write(Open(item.Choice, output).Content);
        output.WriteJsonText(text);
        output.Write("\"},"u8);
        if (logprobs)
        {
            output.Write("\"logprobs\":"u8);
            LogprobsOut.WriteChat(output, item.Tokens, Request.Work.TopLogprobs);
            output.Write(","u8);
        }

        output.Write("\"finish_reason\":null}"u8);
        output.Write(Tail);
    }

    private void WriteToolCall(uint index, ToolCallDelta call, IBufferWriter<byte> output)
    {
        var choice = Open(index, output);
        var first = choice.ToolCalls.Add(call.Index);
        if (!first && call.Arguments.Length == 0)
            return;
        if (Request.Functions)
        {
            WriteFunctionCall(choice, call, first, output);
            return;
        }

        output.Write(choice.Delta);
        output.Write("\"tool_calls\":[{\"index\":"u8);
        output.WriteJsonNumber(call.Index);
        if (first)
        {
            output.Write(",\"id\":"u8);
            output.WriteJsonString(ToolCallIds.Of(call, _head.Ids));
            output.Write(",\"type\":\"function\",\"function\":{\"name\":"u8);
            output.WriteJsonString(call.Name);
            output.Write(",\"arguments\":"u8);
        }
        else
        {
            output.Write(",\"function\":{\"arguments\":"u8);
        }

        output.WriteJsonString(call.Arguments);
        output.Write("}}]"u8);
        Close(output);
    }

    private void WriteFunctionCall(Choice choice, ToolCallDelta call, bool first, IBufferWriter<byte> output)
    {
        // The form before tools has room for one call.
        if (call.Index > 0)
            return;
        output.Write(choice.Delta);
        output.Write("\"function_call\":{"u8);
        if (first)
        {
            output.Write("\"name\":"u8);
            output.WriteJsonString(call.Name);
            output.Write(","u8);
        }

        output.Write("\"arguments\":"u8);
        output.WriteJsonString(call.Arguments);
        output.Write("}"u8);
        Close(output);
    }

    /// <inheritdoc />
    protected override void WriteFinish(uint index, ChoiceDone.Types.Finish finish, IBufferWriter<byte> output)
    {
        var choice = Open(index, output);
        choice.Done = true;
        output.Write(choice.Delta);
        output.Write("},\"finish_reason\":"u8);
        AnswerOut.WriteFinish(output, _head, (int)index, finish, Request.Functions);
        output.Write("}"u8);
        output.Write(Tail);
    }

    private void Close(IBufferWriter<byte> output)
    {
        output.Write("},\"finish_reason\":null}"u8);
        output.Write(Tail);
    }

    private Choice Open(uint index, IBufferWriter<byte> output)
    {
        if (_choices[index] is { } open)
            return open;
        var choice = new Choice(Head, _head, index);
        _choices[index] = choice;
        output.Write(choice.Delta);
        output.Write("\"role\":\"assistant\",\"content\":\"\""u8);
        Close(output);
        return choice;
    }

    private sealed class Choice
    {
        private HashSet<uint>? _toolCalls;

        public Choice(ReadOnlySpan<byte> head, AnswerHead answer, uint index)
        {
            var bytes = new ArrayBufferWriter<byte>(head.Length + 64);
            bytes.Write(head);
            bytes.Write("{\"index\":"u8);
            bytes.WriteJsonNumber(index);
            AnswerOut.WriteChoiceModel(bytes, answer, (int)index);
            bytes.Write(",\"delta\":{"u8);
            Delta = bytes.WrittenSpan.ToArray();
            bytes.Write("\"content\":\""u8);
            Content = bytes.WrittenSpan.ToArray();
        }

        /// <summary>A chunk up to the inside of its delta.</summary>
        public byte[] Delta { get; }

        /// <summary>A chunk up to the inside of its text.</summary>
        public byte[] Content { get; }

        /// <summary>The tool calls that have begun.</summary>
        public HashSet<uint> ToolCalls => _toolCalls ??= [];

        public bool Done { get; set; }
    }
}
