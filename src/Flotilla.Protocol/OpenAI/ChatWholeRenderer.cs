using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A chat's answer as one object.</summary>
internal sealed class ChatWholeRenderer : IWholeRenderer
{
    private readonly TextInference _request;
    private readonly AnswerHead _head;
    private readonly Choice[] _choices;

    public ChatWholeRenderer(TextInference request, AnswerHead head)
    {
        _request = request;
        _head = head;
        _choices = new Choice[request.ChoicesTotal];
        for (var i = 0; i < _choices.Length; i++)
            _choices[i] = new Choice();
    }

    /// <inheritdoc />
    public void Append(Event item)
    {
        var choice = _choices[item.Choice];
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                choice.Text.Append(item.Text.Text_);
                AppendTokens(choice, item);
                break;
            case Event.BodyOneofCase.None:
                AppendTokens(choice, item);
                break;
            case Event.BodyOneofCase.Reasoning:
                choice.Reasoning.Append(item.Reasoning.Text_);
                break;
            case Event.BodyOneofCase.ToolCall:
                AppendCall(choice, item.ToolCall);
                break;
            case Event.BodyOneofCase.PromptTokens:
                choice.Prompt.Add(item.PromptTokens);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                choice.Finish = item.ChoiceDone.Finish;
                break;
        }
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        AnswerOut.WriteHead(output, _head, "chat.completion"u8);
        for (var i = 0; i < _choices.Length; i++)
        {
            output.Write(i == 0 ? "{\"index\":"u8 : ",{\"index\":"u8);
            output.WriteJsonNumber(i);
            AnswerOut.WriteChoiceModel(output, _head, i);
            WriteChoice(i, output);
        }

        output.Write("]"u8);
        // One prompt, one list; where several models read it, each of their choices has its own.
        if (_head.Ensemble is null)
            WritePrompt(_choices[0], output);
        output.Write(",\"usage\":"u8);
        AnswerOut.WriteUsage(output, usage);
        _head.Ensemble?.WriteReport(output);
        output.Write("}"u8);
    }

    private void WriteChoice(int index, IBufferWriter<byte> output)
    {
        var choice = _choices[index];
        output.Write(",\"message\":{\"role\":\"assistant\",\"content\":"u8);
        // A message that only calls tools has no content, which is not the same as an empty one.
        output.WriteJsonStringOrNull(choice.Text.Length == 0 && choice.Calls.Count > 0 ? null : choice.Text.ToString());
        output.Write(",\"refusal\":null"u8);
        if (choice.Reasoning.Length > 0)
        {
            output.Write(",\"reasoning_content\":"u8);
            output.WriteJsonString(choice.Reasoning.ToString());
        }

        if (choice.Calls.Count > 0 && _request.Functions)
            WriteFunctionCall(choice.Calls[0], output);
        else if (choice.Calls.Count > 0)
            WriteCalls(choice.Calls, output);
        output.Write("},\"logprobs\":"u8);
        if (choice.Tokens.Count > 0)
            LogprobsOut.WriteChat(output, choice.Tokens, _request.Work.TopLogprobs);
        else
            output.Write("null"u8);
        if (_head.Ensemble is not null)
            WritePrompt(choice, output);
        output.Write(",\"finish_reason\":"u8);
        AnswerOut.WriteFinish(output, _head, index, choice.Finish, _request.Functions);
        output.Write("}"u8);
    }

    private void WritePrompt(Choice choice, IBufferWriter<byte> output)
    {
        if (_request.PromptLogprobs is not { } top)
            return;
        output.Write(",\"prompt_logprobs\":"u8);
        LogprobsOut.WritePrompt(output, choice.Prompt.Tokens, top);
    }

    // The form before tools has room for one call.
    private static void WriteFunctionCall(Call call, IBufferWriter<byte> output)
    {
        output.Write(",\"function_call\":{\"name\":"u8);
        output.WriteJsonString(call.Name);
        output.Write(",\"arguments\":"u8);
        output.WriteJsonString(call.Arguments.ToString());
        output.Write("}"u8);
    }

    private static void WriteCalls(List<Call> calls, IBufferWriter<byte> output)
    {
        output.Write(",\"tool_calls\":["u8);
        for (var i = 0; i < calls.Count; i++)
        {
            output.Write(i == 0 ? "{\"id\":"u8 : ",{\"id\":"u8);
            output.WriteJsonString(calls[i].Id);
            output.Write(",\"type\":\"function\",\"function\":{\"name\":"u8);
            output.WriteJsonString(calls[i].Name);
            output.Write(",\"arguments\":"u8);
            output.WriteJsonString(calls[i].Arguments.ToString());
            output.Write("}}"u8);
        }

        output.Write("]"u8);
    }

    private void AppendTokens(Choice choice, Event item)
    {
        if (_request.Work.HasTopLogprobs)
            choice.Tokens.AddRange(item.Tokens.Where(t => t.HasLogprob));
    }

    private void AppendCall(Choice choice, ToolCallDelta delta)
    {
        var call = choice.Calls.Find(c => c.Index == delta.Index);
        if (call is null)
        {
            call = new Call(delta.Index, ToolCallIds.Of(delta, _head.Ids), delta.Name);
            choice.Calls.Add(call);
        }

        call.Arguments.Append(delta.Arguments);
    }

    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public StringBuilder Reasoning { get; } = new();

        public List<Call> Calls { get; } = [];

        public List<TokenOutput> Tokens { get; } = [];

        public PromptTokenList Prompt { get; } = new();

        public ChoiceDone.Types.Finish Finish { get; set; }
    }

    private sealed record Call(uint Index, string Id, string Name)
    {
        public StringBuilder Arguments { get; } = new();
    }
}
