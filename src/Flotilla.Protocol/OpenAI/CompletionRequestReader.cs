using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/completions</c>.</summary>
public static class CompletionRequestReader
{
    // What OpenAI completes where nothing is given.
    private const string PromptDefault = "<|endoftext|>";

    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields).Read(json), out request);

    private sealed class Reading(FieldReader fields)
    {
        private readonly CommonFields _common = new(InferenceEndpoint.Completions, fields);
        private readonly Prompts _prompts = new();
        private bool _echo;
        private long _bestOf;

        public TextInference? Read(JsonElement body)
        {
            var work = _common.Work;
            work.Prompts = _prompts;
            _common.Read(body, TryOwn);
            if (_prompts.Items.Count == 0)
                _prompts.Items.Add(new Prompt { Text = PromptDefault });
            if (_bestOf > 0 && _bestOf != work.Choices)
                fields.Unsupported("best_of", $"only the value of 'n', here {work.Choices}, is");
            // What token ids say only a node knows that has the model, and it tells it together with their log probabilities.
            var tellsPrompt = _echo && (work.HasTopLogprobs || _prompts.Items.Any(p => p.InputCase == Prompt.InputOneofCase.TokenIds));
            if (tellsPrompt)
                fields.Need(Capability.PromptLogprobs, "echo");
            var choicesTotal = _prompts.Items.Count * (int)work.Choices;
            if (choicesTotal > OpenAiLimits.ChoicesTotalMax)
            {
                fields.Fail(
                    ApiErrorCode.InvalidValue,
                    $"Invalid value for 'prompt': {_prompts.Items.Count} prompts with n = {work.Choices} make {choicesTotal} choices; the limit is {OpenAiLimits.ChoicesTotalMax}.",
                    "prompt");
            }

            var echoed = _echo ? PromptSize.Of(_prompts) * work.Choices : 0;
            if (echoed > OpenAiLimits.EchoBytesMax)
            {
                fields.Fail(
                    ApiErrorCode.InvalidValue,
                    $"Invalid value for 'echo': the prompts, repeated in each of their {work.Choices} completions, have up to {echoed} bytes; the limit is {OpenAiLimits.EchoBytesMax}. Ask for fewer completions (n), or leave 'echo' out.",
                    "echo");
            }

            return _common.Complete(choicesTotal, PromptSize.Of(_prompts), _echo, tellsPrompt);
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "prompt": new PromptReader(fields, name, OpenAiLimits.ChoicesTotalMax).Read(value, _prompts.Items); break;
                case "echo": _echo = fields.Boolean(value, name); break;
                case "best_of": _bestOf = fields.Integer(value, name, 0, OpenAiLimits.BestOfMax); break;
                case "logprobs":
                    _common.Work.TopLogprobs = (uint)fields.Integer(value, name, 0, OpenAiLimits.CompletionLogprobsMax);
                    fields.Need(Capability.Logprobs, name);
                    break;
                default: return false;
            }

            return true;
        }
    }
}
