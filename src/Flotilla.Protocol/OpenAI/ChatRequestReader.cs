using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/chat/completions</c>.</summary>
public static class ChatRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields, new Chat()).Read(json), out request);

    private sealed class Reading(FieldReader fields, Chat chat)
    {
        private readonly CommonFields _common = new(InferenceEndpoint.ChatCompletions, fields);
        private readonly ToolReader _toolReader = new(fields, chat);
        private bool _messages;
        private bool _logprobs;
        private bool _tools;
        private bool _functions;
        private uint? _topLogprobs;

        public TextInference? Read(JsonElement body)
        {
            _common.Work.Chat = chat;
            _common.Read(body, TryOwn);
            if (!_messages)
                fields.Missing("messages");
            if (_tools && _functions)
                fields.Fail(ApiErrorCode.InvalidRequest, "'functions' is the old name of 'tools'; give one of them.", "functions");
            if (_topLogprobs is not null && !_logprobs)
                fields.Fail(ApiErrorCode.InvalidValue, "'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs");
            if (_logprobs)
            {
                _common.Work.TopLogprobs = _topLogprobs ?? 0;
                fields.Need(Capability.Logprobs, "logprobs");
            }

            _toolReader.Complete();
            return _common.Complete((int)_common.Work.Choices, PromptSize.Of(chat), echo: false) is { } request ? request with { Functions = _functions } : null;
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "messages":
                    _messages = true;
                    new MessageReader(fields, chat.Messages).Read(value);
                    break;
                case "tools":
                    _tools = true;
                    _toolReader.ReadTools(value, wrapper: "function");
                    break;
                case "functions":
                    _functions = true;
                    _toolReader.ReadFunctions(value);
                    break;
                case "tool_choice": _toolReader.ReadChoice(value, wrapper: "function"); break;
                case "function_call": _toolReader.ReadFunctionCall(value); break;
                case "parallel_tool_calls": _toolReader.ReadParallel(fields.Boolean(value, name), name); break;
                case "response_format": chat.ResponseFormat = ResponseFormatReader.Read(fields, value, name, wrapper: "json_schema"); break;
                case "reasoning_effort": chat.ReasoningEffort = Effort.Read(fields, value, name); break;
                case "logprobs": _logprobs = fields.Boolean(value, name); break;
                case "top_logprobs": _topLogprobs = (uint)fields.Integer(value, name, 0, OpenAiLimits.TopLogprobsMax); break;
                default: return false;
            }

            return true;
        }
    }
}
