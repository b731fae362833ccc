using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>Reads the body of <c>POST /v1/responses</c>.</summary>
public static class ResponsesRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null; without the conversation that <see cref="ResponseTerms.PreviousId"/> names.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields, new Chat()).Read(json), out request);

    private sealed class Reading(FieldReader fields, Chat chat)
    {
        private const string Logprobs = "message.output_text.logprobs";

        // Reasoning is in the clear here, and dropped when it comes back: there is nothing to encrypt. Images of the input are shown as
        // they came. The others are about tools that OpenAI runs: where these are refused, there is nothing of theirs to include.
        private static readonly string[] Includes =
        [
            Logprobs, "reasoning.encrypted_content", "message.input_image.image_url", "file_search_call.results", "web_search_call.results",
            "web_search_call.action.sources", "code_interpreter_call.outputs", "computer_call_output.output.image_url",
        ];

        private readonly CommonFields _common = new(InferenceEndpoint.Responses, fields);
        private readonly ToolReader _tools = new(fields, chat);
        private string? _instructions;
        private string? _previous;
        private byte[] _input = "[]"u8.ToArray();
        private IReadOnlyList<ItemReference> _references = [];
        private uint? _topLogprobs;
        private bool _logprobs;
        private bool _store = true;
        private bool _background;

        public TextInference? Read(JsonElement body)
        {
            _common.Work.Chat = chat;
            _common.Read(body, TryOwn);
            if (chat.Messages.Count == 0 && _previous is null && _references.Count == 0)
                fields.Missing("input");
            if (_topLogprobs > 0 && !_logprobs)
                fields.Fail(ApiErrorCode.InvalidValue, $"'top_logprobs' is only allowed when 'include' has '{Logprobs}'.", "top_logprobs");
            if (_logprobs)
            {
                _common.Work.TopLogprobs = _topLogprobs ?? 0;
                fields.Need(Capability.Logprobs, "include");
            }

            if (_background && !_store)
                fields.Fail(ApiErrorCode.InvalidValue, "'background' needs 'store': an answer that is not kept cannot be asked for later.", "background");
            if (_instructions is not null)
                chat.Messages.Insert(0, new Message { Role = "system", Content = _instructions });
            _tools.Complete();
            var request = _common.Complete(choicesTotal: 1, PromptSize.Of(chat), echo: false);
            if (request is { Stream: true } && _background)
                fields.Unsupported("background", "together with 'stream'");
            return request is null || fields.Error is not null ? null : request with
            {
                Response = new ResponseTerms
                {
                    Echo = ResponseEcho.Of(body),
                    Input = _input,
                    Namespaces = _tools.Namespaces,
                    PreviousId = _previous,
                    References = _references,
                    Store = _store,
                    Background = _background,
                    HasInstructions = _instructions is not null,
                },
            };
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "input":
                    var input = new InputReader(fields, chat.Messages);
                    input.Read(value);
                    _references = input.References;
                    _input = ResponseEcho.Compact(value);
                    break;
                case "instructions": _instructions = fields.Text(value, name); break;
                case "tools": _tools.ReadTools(value, wrapper: null); break;
                case "tool_choice": _tools.ReadChoice(value, wrapper: null); break;
                case "parallel_tool_calls": _tools.ReadParallel(fields.Boolean(value, name), name); break;
                case "text": ReadText(value); break;
                case "reasoning": ReadReasoning(value); break;
                case "previous_response_id": _previous = fields.Text(value, name, 1, OpenAiLimits.NameCharsMax); break;
                case "store": _store = fields.Boolean(value, name); break;
                case "background": _background = fields.Boolean(value, name); break;
                case "include": ReadInclude(value); break;
                case "top_logprobs": _topLogprobs = (uint)fields.Integer(value, name, 0, OpenAiLimits.TopLogprobsMax); break;
                // No tool runs here, so that there is nothing to count.
                case "max_tool_calls": fields.Integer(value, name, 1, int.MaxValue); break;
                default: return false;
            }

            return true;
        }

        private void ReadText(JsonElement value)
        {
            if (!fields.Is(value, JsonValueKind.Object, "text", "an object"))
                return;
            if (FieldReader.TryMember(value, "format", out var format))
                chat.ResponseFormat = ResponseFormatReader.Read(fields, format, "text.format", wrapper: null);
            if (FieldReader.TryMember(value, "verbosity", out var verbosity) && fields.Text(verbosity, "text.verbosity") != "medium")
                fields.Unsupported("text.verbosity");
        }

        private void ReadReasoning(JsonElement value)
        {
            if (!fields.Is(value, JsonValueKind.Object, "reasoning", "an object"))
                return;
            if (FieldReader.TryMember(value, "effort", out var effort))
                chat.ReasoningEffort = Effort.Read(fields, effort, "reasoning.effort");
            // What a model thought is shown whole, so that a summary where there is one to give would add nothing.
            if (FieldReader.TryMember(value, "summary", out var summary) && fields.Text(summary, "reasoning.summary") is not ("auto" or "concise" or "detailed"))
                fields.Invalid("reasoning.summary", "'auto', 'concise' or 'detailed'", summary);
        }

        private void ReadInclude(JsonElement value)
        {
            foreach (var (item, index) in fields.Items(value, "include", 0, OpenAiLimits.PartsMax))
            {
                var param = $"include[{index}]";
                _logprobs |= fields.OneOf(item, param, Includes) == Logprobs;
            }
        }
    }
}
