using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>Reads the body of <c>POST /v1/messages</c>, Anthropic's form of a chat.</summary>
/// <remarks>As in Anthropic's API a field that nobody knows is refused: there is no server behind this dialect that could know it.</remarks>
public static class MessagesRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out TextInference? request) => TryRead(body, isCounted: false, out request);

    /// <summary>Reads and validates the body of <c>POST /v1/messages/count_tokens</c>, which has the same fields and needs no <c>max_tokens</c>.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryReadCount(ReadOnlyMemory<byte> body, out TextInference? request) => TryRead(body, isCounted: true, out request);

    private static ApiError? TryRead(ReadOnlyMemory<byte> body, bool isCounted, out TextInference? request) =>
        JsonBody.TryRead(body, (fields, json) => new Reading(fields, new Chat()).Read(json, isCounted), out request);

    private sealed class Reading(FieldReader fields, Chat chat)
    {
        private readonly TextRequest _work = new() { Chat = chat, Sampling = new Sampling(), Choices = 1 };
        private readonly ToolReader _tools = new(fields, chat, AnthropicLimits.ToolNameCharsMax);
        private readonly List<Message> _system = [];
        private string? _model;
        private string? _user;
        private string? _thinking;
        private string? _effort;
        private bool _stream;

        public TextInference? Read(JsonElement body, bool isCounted)
        {
            foreach (var property in body.EnumerateObject())
            {
                if (!FieldReader.Given(property.Value))
                    continue;
                if (!TryServed(property.Name, property.Value) && !TrySampling(property.Name, property.Value))
                    fields.Fail(ApiErrorCode.UnsupportedField, $"'{property.Name}' is not served here. Leave it out.", property.Name);
                if (fields.Error is not null)
                    return null;
            }

            if (_model is null)
                fields.Missing("model");
            if (_work.MaxTokens == 0 && !isCounted)
                fields.Missing("max_tokens");
            if (chat.Messages.Count == 0)
                fields.Missing("messages");
            for (var i = 0; i < _system.Count; i++)
                chat.Messages.Insert(i, _system[i]);
            _tools.Complete();
            chat.ReasoningEffort = _effort ?? _thinking ?? "";
            // Anthropic's models can all be told how much to think. Where a model cannot, it does what it does: what is wished for is an answer.
            if (_effort is null && _thinking is not null)
                fields.Need(Capability.ReasoningEffort, "thinking", otherwise: Capability.Chat);
            return fields.Error is not null ? null : new TextInference
            {
                Endpoint = InferenceEndpoint.Messages,
                Model = _model!,
                Work = _work,
                MaxTokensGiven = _work.MaxTokens > 0,
                Stream = _stream,
                User = _user,
                Needs = fields.Needs,
                RemoteFiles = fields.RemoteFiles,
                ChoicesTotal = 1,
                PromptBytes = PromptSize.Of(chat),
            };
        }

        private bool TryServed(string name, JsonElement value)
        {
            switch (name)
            {
                case "model": _model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
                case "max_tokens": _work.MaxTokens = (uint)fields.Integer(value, name, 1, OpenAiLimits.TokensMax); break;
                case "messages": new ConversationReader(fields, chat.Messages).Read(value); break;
                case "system": ReadSystem(value); break;
                case "stream": _stream = fields.Boolean(value, name); break;
                case "tools": ReadTools(value); break;
                case "tool_choice": ReadToolChoice(value); break;
                case "metadata": ReadMetadata(value); break;
                case "thinking": ReadThinking(value); break;
                case "output_config": ReadOutput(value); break;
                case "service_tier": OneOf(value, name, "auto", "standard_only"); break;
                // A hint: prompts are cached where a runtime does so.
                case "cache_control": fields.Is(value, JsonValueKind.Object, name, "an object"); break;
                default: return false;
            }

            return true;
        }

        private bool TrySampling(string name, JsonElement value)
        {
            switch (name)
            {
                case "temperature": _work.Sampling.Temperature = fields.Number(value, name, 0, 1); break;
                case "top_p": _work.Sampling.TopP = fields.Number(value, name, 0, 1); break;
                case "top_k": _work.Sampling.TopK = (uint)fields.Integer(value, name, 0, OpenAiLimits.TopKMax); break;
                case "stop_sequences":
                    _work.Stop.AddRange(fields.Items(value, name, 0, AnthropicLimits.StopSequencesMax).Select(s => fields.Text(s.Value, $"{name}[{s.Index}]", 1, OpenAiLimits.StopCharsMax)));
                    break;
                default: return false;
            }

            return true;
        }

        private void ReadSystem(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                _system.Add(new Message { Role = "system", Content = value.GetString()! });
                return;
            }

            if (value.ValueKind != JsonValueKind.Array)
            {
                fields.Is(value, JsonValueKind.Array, "system", "a string or an array of text blocks");
                return;
            }

            var texts = fields.Items(value, "system", 0, OpenAiLimits.PartsMax).Select(b => Blocks.TextOf(fields, b.Value, $"system[{b.Index}]")).ToList();
            if (texts.Count > 0)
                _system.Add(new Message { Role = "system", Content = string.Join('\n', texts) });
        }

        private void ReadTools(JsonElement value)
        {
            foreach (var (item, index) in fields.Items(value, "tools", 0, OpenAiLimits.ToolsMax))
            {
                var param = $"tools[{index}]";
                if (!fields.Is(item, JsonValueKind.Object, param, "an object"))
                    return;
                if (FieldReader.TryMember(item, "type", out var type) && fields.Text(type, $"{param}.type") != "custom")
                    fields.Fail(ApiErrorCode.UnsupportedField, $"'{param}.type' names a tool that Anthropic's servers run; only tools of your own ('custom') are served here.", $"{param}.type");
                if (!FieldReader.TryMember(item, "input_schema", out _))
                    fields.Missing($"{param}.input_schema");
                _tools.Add(item, param, "input_schema");
            }
        }

        private void ReadToolChoice(JsonElement value)
        {
            if (!fields.Is(value, JsonValueKind.Object, "tool_choice", "an object"))
                return;
            if (!FieldReader.TryMember(value, "type", out var type))
            {
                fields.Missing("tool_choice.type");
                return;
            }

            switch (fields.Text(type, "tool_choice.type"))
            {
                case "auto": break;
                case "none": chat.ToolChoice = Chat.Types.ToolChoice.None; break;
                case "any": chat.ToolChoice = Chat.Types.ToolChoice.Required; break;
                case "tool" when FieldReader.TryMember(value, "name", out var name): _tools.Demand(SchemaText.Name(fields, name, "tool_choice.name", AnthropicLimits.ToolNameCharsMax)); break;
                case "tool": fields.Missing("tool_choice.name"); break;
                default: fields.Invalid("tool_choice.type", "'auto', 'any', 'tool' or 'none'", type); break;
            }

            if (FieldReader.TryMember(value, "disable_parallel_tool_use", out var single) && fields.Boolean(single, "tool_choice.disable_parallel_tool_use"))
                _tools.ReadParallel(false, "tool_choice.disable_parallel_tool_use");
        }

        private void ReadMetadata(JsonElement value)
        {
            if (fields.Is(value, JsonValueKind.Object, "metadata", "an object") && FieldReader.TryMember(value, "user_id", out var user))
                _user = fields.Text(user, "metadata.user_id", 0, OpenAiLimits.UserCharsMax);
        }

        private void ReadThinking(JsonElement value)
        {
            if (!fields.Is(value, JsonValueKind.Object, "thinking", "an object"))
                return;
            if (FieldReader.TryMember(value, "budget_tokens", out var budget))
                fields.Integer(budget, "thinking.budget_tokens", AnthropicLimits.ThinkingTokensMin, OpenAiLimits.TokensMax);
            if (!FieldReader.TryMember(value, "type", out var type))
            {
                fields.Missing("thinking.type");
                return;
            }

            OneOf(type, "thinking.type", "enabled", "disabled", "adaptive");
            // Thoughts are shown whole, as they are.
            if (FieldReader.TryMember(value, "display", out var display))
                OneOf(display, "thinking.display", "summarized");
            if (fields.Error is not null || type.ValueEquals("adaptive"u8))
                return;
            _thinking = type.ValueEquals("disabled"u8) ? "none" : EffortOf(budget.ValueKind == JsonValueKind.Number ? budget.GetInt64() : 0);
        }

        private static string EffortOf(long budget) => budget switch
        {
            0 or >= AnthropicLimits.HighThinkingTokens => "high",
            >= AnthropicLimits.MediumThinkingTokens => "medium",
            _ => "low",
        };

        private void ReadOutput(JsonElement value)
        {
            if (!fields.Is(value, JsonValueKind.Object, "output_config", "an object"))
                return;
            if (FieldReader.TryMember(value, "effort", out var effort))
                _effort = Effort.Read(fields, effort, "output_config.effort", usual: "high");
            if (!FieldReader.TryMember(value, "format", out var format))
                return;
            const string Param = "output_config.format";
            if (!fields.Is(format, JsonValueKind.Object, Param, "an object"))
                return;
            if (FieldReader.TryMember(format, "type", out var type))
                OneOf(type, $"{Param}.type", "json_schema");
            if (!FieldReader.TryMember(format, "schema", out var schema))
                fields.Missing($"{Param}.schema");
            else
                chat.ResponseFormat = new ResponseFormat { Kind = ResponseFormat.Types.Kind.JsonSchema, Name = "output", Schema = SchemaText.Read(fields, schema, $"{Param}.schema"), Strict = true };
            fields.Need(Capability.StructuredOutputs, Param);
        }

        private void OneOf(JsonElement value, string param, params ReadOnlySpan<string> allowed)
        {
            if (!allowed.Contains(fields.Text(value, param)))
                fields.Invalid(param, string.Join(", ", allowed.ToArray().Select(a => $"'{a}'")), value);
        }
    }
}
