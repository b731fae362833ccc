using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Reads the body of <c>POST /v1/embeddings</c>.</summary>
public static class EmbedRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out EmbedInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields).Read(json), out request);

    private sealed class Reading(FieldReader fields)
    {
        private readonly InputFields _shared = new(InferenceEndpoint.Embeddings, fields);
        private readonly EmbedRequest _work = new();
        private bool _base64;

        public EmbedInference? Read(JsonElement body)
        {
            _work.Extra = _shared.Read(body, TryOwn);
            if (_work.Inputs.Count == 0)
                fields.Missing("input");
            if (_shared.Model is null)
                fields.Missing("model");
            for (var i = 0; i < _work.Inputs.Count && fields.Error is null; i++)
            {
                if (_work.Inputs[i] is { InputCase: Prompt.InputOneofCase.Text, Text.Length: 0 })
                    fields.Fail(ApiErrorCode.InvalidValue, "Invalid value for 'input': a text to embed must not be empty.", _work.Inputs.Count == 1 ? "input" : $"input[{i}]");
            }

            return fields.Error is not null ? null : new EmbedInference
            {
                Endpoint = InferenceEndpoint.Embeddings,
                Model = _shared.Model!,
                Work = _work,
                Base64 = _base64,
                User = _shared.Caller.User,
                Metadata = _shared.Caller.Metadata,
                Provider = _shared.Provider,
            };
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "input": new PromptReader(fields, name, OpenAiLimits.InputsMax).Read(value, _work.Inputs); break;
                case "dimensions": _work.Dimensions = (uint)fields.Integer(value, name, 1, OpenAiLimits.DimensionsMax); break;
                case "encoding_format": ReadFormat(value, name); break;
                default: return false;
            }

            return true;
        }

        private void ReadFormat(JsonElement value, string name)
        {
            var format = fields.Text(value, name);
            _base64 = format == "base64";
            if (format is not ("base64" or "float"))
                fields.Invalid(name, "'float' or 'base64'", value);
        }
    }
}
