using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.Anthropic;

/// <summary>An answer in Anthropic's form as named events: a message, its blocks one after another, and its end.</summary>
internal sealed class MessagesStreamRenderer(AnswerHead head) : IStreamRenderer
{
    private readonly Dictionary<uint, int> _calls = [];
    private AnswerBlock? _open;
    private int _index = -1;
    private bool _begun;
    private uint _promptTokens;
    private ChoiceDone.Types.Finish _finish;

    /// <inheritdoc />
    public void Write(Event item, IBufferWriter<byte> output)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.PromptReady:
                _promptTokens = item.PromptReady.PromptTokens;
                break;
            case Event.BodyOneofCase.Text when item.Text.Text_.Length > 0:
                Open(BlockKind.Text, output);
                WriteDelta(_index, "{\"type\":\"text_delta\",\"text\":"u8, item.Text.Text_, output);
                break;
            case Event.BodyOneofCase.Reasoning when item.Reasoning.Text_.Length > 0:
                Open(BlockKind.Thinking, output);
                WriteDelta(_index, "{\"type\":\"thinking_delta\",\"thinking\":"u8, item.Reasoning.Text_, output);
                break;
            case Event.BodyOneofCase.ToolCall:
                WriteCall(item.ToolCall, output);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                Begin(output);
                Close(output);
                _finish = item.ChoiceDone.Finish;
                break;
        }
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        Begin(output);
        Close(output);
        output.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"u8);
        MessageOut.WriteStop(output, _finish);
        output.Write("},\"usage\":"u8);
        MessageOut.WriteUsage(output, usage);
        output.Write("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        AnthropicError.WriteTo(error, requestId: null, output);
        output.Write(SseFrame.End);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        if (_begun)
            return;
        _begun = true;
        output.Write("event: message_start\ndata: {\"type\":\"message_start\",\"message\":"u8);
        MessageOut.WriteHead(output, head);
        output.Write("],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"u8);
        MessageOut.WriteUsage(output, new Usage { PromptTokens = _promptTokens });
        output.Write("}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n"u8);
    }

    private void Open(BlockKind kind, IBufferWriter<byte> output)
    {
        if (_open?.Kind != kind)
            Open(new AnswerBlock { Kind = kind }, output);
    }

    private void Open(AnswerBlock block, IBufferWriter<byte> output)
    {
        Begin(output);
        Close(output);
        _open = block;
        output.Write("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        output.WriteJsonNumber(++_index);
        output.Write(",\"content_block\":"u8);
        block.Write(output, "");
        output.Write("}\n\n"u8);
    }

    private void Close(IBufferWriter<byte> output)
    {
        if (_open is null)
            return;
        _open = null;
        output.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        output.WriteJsonNumber(_index);
        output.Write("}\n\n"u8);
    }

    private void WriteCall(ToolCallDelta call, IBufferWriter<byte> output)
    {
        if (!_calls.TryGetValue(call.Index, out var index))
        {
            Open(new AnswerBlock { Kind = BlockKind.ToolUse, Id = ToolCallIds.Of(call, head.Ids, MessageOut.CallPrefix), Name = call.Name }, output);
            _calls.Add(call.Index, index = _index);
        }

        if (call.Arguments.Length > 0)
            WriteDelta(index, "{\"type\":\"input_json_delta\",\"partial_json\":"u8, call.Arguments, output);
    }

    private static void WriteDelta(int index, ReadOnlySpan<byte> delta, string text, IBufferWriter<byte> output)
    {
        output.Write("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        output.WriteJsonNumber(index);
        output.Write(",\"delta\":"u8);
        output.Write(delta);
        output.WriteJsonString(text);
        output.Write("}}\n\n"u8);
    }
}
