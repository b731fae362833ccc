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
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out InferenceRequest? request)
    {
        request = null;
        if (JsonBody.TryParse(body, out var document) is { } error)
            return error;
        using (document)
        {
            var fields = new FieldReader();
            request = new Reading(fields).Read(document.RootElement);
            return fields.Error;
        }
    }

    private sealed class Reading(FieldReader fields)
    {
        private readonly CommonFields _common = new(InferenceEndpoint.ChatCompletions, fields);
        private readonly Chat _chat = new();
        private bool _messages;
        private bool _logprobs;
        private bool _tools;
        private bool _functions;
        private uint? _topLogprobs;

        public InferenceRequest? Read(JsonElement body)
        {
            _common.Work.Chat = _chat;
            _common.Read(body, TryOwn);
            if (!_messages)
                fields.Missing("messages");
            if (_tools && _functions)
                fields.Fail(ApiErrorCode.InvalidRequest, "'functions' is the old name of 'tools'; give one of them.", "functions");
            if (_topLogprobs is not null && !_logprobs)
                fields.Fail(ApiErrorCode.InvalidValue, "'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs");
            if (_logprobs)
                _common.Work.TopLogprobs = _topLogprobs ?? 0;
            return _common.Complete((int)_common.Work.Choices, PromptSize.Of(_chat), echo: false);
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "messages":
                    _messages = true;
                    new MessageReader(fields, _chat.Messages).Read(value);
                    break;
                case "tools":
                    _tools = true;
                    ToolReader.ReadTools(fields, value, _chat.Tools);
                    break;
                case "functions":
                    _functions = true;
                    ToolReader.ReadFunctions(fields, value, _chat.Tools);
                    break;
                case "tool_choice" or "function_call": _chat.ToolChoice = ToolReader.ReadChoice(fields, name, value); break;
                case "logprobs": _logprobs = fields.Boolean(value, name); break;
                case "top_logprobs": _topLogprobs = (uint)fields.Integer(value, name, 0, OpenAiLimits.TopLogprobsMax); break;
                default: return false;
            }

            return true;
        }
    }
}
