using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>The output of one response while its events come, and the response object around it.</summary>
internal sealed class ResponseOutput(TextInference request, AnswerHead head)
{
    private readonly Dictionary<uint, OutputItem> _calls = [];
    private readonly List<TokenOutput> _unnoted = [];

    /// <summary>The items so far, in order.</summary>
    public List<OutputItem> Items { get; } = [];

    /// <summary>Characters in all of them, and bytes of what is told of their tokens.</summary>
    public long Chars { get; private set; }

    /// <summary>Why the model stopped.</summary>
    public ChoiceDone.Types.Finish Finish { get; set; }

    /// <summary>The status of a response that ended by itself.</summary>
    public ReadOnlySpan<byte> EndStatus => Finish is ChoiceDone.Types.Finish.Length or ChoiceDone.Types.Finish.ContentFilter ? "incomplete"u8 : "completed"u8;

    /// <summary>The item that the event adds to, which may be new; null where the event shows nothing.</summary>
    public OutputItem? Take(Event item, out string text)
    {
        text = "";
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text when item.Text.Text_.Length > 0:
                return Append(Noted(Current(OutputItemKind.Message, "msg_"), item), text = item.Text.Text_);
            case Event.BodyOneofCase.Text when request.Work.HasTopLogprobs:
                _unnoted.AddRange(item.Tokens);
                return null;
            case Event.BodyOneofCase.Reasoning when item.Reasoning.Text_.Length > 0:
                return Append(Current(OutputItemKind.Reasoning, "rs_"), text = item.Reasoning.Text_);
            case Event.BodyOneofCase.ToolCall:
                return Append(Call(item.ToolCall), text = item.ToolCall.Arguments);
            case Event.BodyOneofCase.ChoiceDone:
                Finish = item.ChoiceDone.Finish;
                return null;
            default:
                return null;
        }
    }

    /// <summary>The answer as a message of the conversation, for the response that continues this one.</summary>
    public Message Answer()
    {
        var message = new Message { Role = "assistant" };
        foreach (var item in Items)
        {
            if (item.Kind == OutputItemKind.Message)
                message.Content += item.Text.ToString();
            else if (item.Kind == OutputItemKind.FunctionCall)
                message.ToolCalls.Add(new ToolCall { Id = item.CallId, Name = item.Tool, Arguments = item.Text.ToString() });
        }

        if (message.ToolCalls.Count == 0)
            message.Content ??= "";
        return message;
    }

    /// <summary>Writes the response object.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="status">Its status.</param>
    /// <param name="usage">What was used; null while it runs.</param>
    /// <param name="error">Why it failed; null where it did not.</param>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> status, Usage? usage, ResponseError? error = null)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(head.Id);
        output.Write(",\"object\":\"response\",\"created_at\":"u8);
        output.WriteJsonNumber(head.Created);
        output.Write(",\"status\":\""u8);
        output.Write(status);
        output.Write("\",\"error\":"u8);
        WriteError(output, error);
        output.Write(",\"incomplete_details\":"u8);
        output.Write(!status.SequenceEqual("incomplete"u8) ? "null"u8
            : Finish == ChoiceDone.Types.Finish.Length ? "{\"reason\":\"max_output_tokens\"}"u8 : "{\"reason\":\"content_filter\"}"u8);
        output.Write(",\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"output\":["u8);
        for (var i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Items[i].Write(output, i == Items.Count - 1 && !status.SequenceEqual("completed"u8) ? "incomplete"u8 : "completed"u8);
        }

        output.Write("]"u8);
        output.Write(request.Response!.Echo.Span);
        output.Write(",\"usage\":"u8);
        if (usage is null)
            output.Write("null"u8);
        else
            WriteUsage(output, usage);
        output.Write("}"u8);
    }

    private static void WriteError(IBufferWriter<byte> output, ResponseError? error)
    {
        if (error is not { } known)
        {
            output.Write("null"u8);
            return;
        }

        output.Write("{\"code\":"u8);
        output.WriteJsonString(known.Code);
        output.Write(",\"message\":"u8);
        output.WriteJsonString(known.Message);
        output.Write("}"u8);
    }

    private static void WriteUsage(IBufferWriter<byte> output, Usage usage)
    {
        output.Write("{\"input_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write(",\"input_tokens_details\":{\"cached_tokens\":"u8);
        output.WriteJsonNumber(usage.CachedTokens);
        output.Write("},\"output_tokens\":"u8);
        output.WriteJsonNumber(usage.CompletionTokens);
        output.Write(",\"output_tokens_details\":{\"reasoning_tokens\":"u8);
        output.WriteJsonNumber(usage.ReasoningTokens);
        output.Write("},\"total_tokens\":"u8);
        output.WriteJsonNumber((long)usage.PromptTokens + usage.CompletionTokens);
        output.Write("}"u8);
    }

    // A token may end inside a character, and is then told with an empty text before the rest of it.
    private OutputItem Noted(OutputItem message, Event item)
    {
        if (!request.Work.HasTopLogprobs)
            return message;
        foreach (var token in _unnoted.Concat(item.Tokens).Where(t => t.HasLogprob))
        {
            message.Tokens.Add(token);
            Chars += token.CalculateSize();
        }

        _unnoted.Clear();
        return message;
    }

    private OutputItem Append(OutputItem item, string text)
    {
        Chars += text.Length;
        item.Text.Append(text);
        return item;
    }

    private OutputItem Current(OutputItemKind kind, string prefix)
    {
        if (Items.Count == 0 || Items[^1].Kind != kind)
            Items.Add(new OutputItem { Kind = kind, Index = Items.Count, Id = head.Ids.Next(prefix), TopLogprobs = request.Work.TopLogprobs });
        return Items[^1];
    }

    private OutputItem Call(ToolCallDelta delta)
    {
        if (_calls.TryGetValue(delta.Index, out var call))
            return call;
        call = new OutputItem
        {
            Kind = OutputItemKind.FunctionCall,
            Index = Items.Count,
            Id = head.Ids.Next("fc_"),
            CallId = ToolCallIds.Of(delta, head.Ids),
            Tool = delta.Name,
            Function = request.Response!.Namespaces.TryGetValue(delta.Name, out var function) ? function : new ToolNamespace("", delta.Name),
        };
        _calls.Add(delta.Index, call);
        Items.Add(call);
        return call;
    }
}
