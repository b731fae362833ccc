using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Reads the body of <c>POST /v1/moderations</c>.</summary>
public static class ModerateRequestReader
{
    // What OpenAI takes where none is named; a gateway's operator makes it an alias of what moderates here.
    private const string ModelDefault = "omni-moderation-latest";

    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out ModerateInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields).Read(json), out request);

    private sealed class Reading(FieldReader fields)
    {
        private const string Expected = "a string, an array of strings or an array of parts";
        private readonly InputFields _shared = new(InferenceEndpoint.Moderations, fields);
        private readonly ModerateRequest _work = new();
        private readonly PartReader _parts = new(fields);

        public ModerateInference? Read(JsonElement body)
        {
            _work.Extra = _shared.Read(body, TryOwn);
            if (_work.Inputs.Count == 0)
                fields.Missing("input");
            for (var i = 0; i < _work.Inputs.Count && fields.Error is null; i++)
            {
                if (_work.Inputs[i].Length == 0 && _work.Images.Count == 0)
                    fields.Fail(ApiErrorCode.InvalidValue, "Invalid value for 'input': a text to moderate must not be empty.", _work.Inputs.Count == 1 ? "input" : $"input[{i}]");
            }

            return fields.Error is not null ? null : new ModerateInference
            {
                Endpoint = InferenceEndpoint.Moderations,
                Model = _shared.Model ?? ModelDefault,
                Work = _work,
                User = _shared.Caller.User,
                Metadata = _shared.Caller.Metadata,
                Provider = _shared.Provider,
                Needs = fields.Needs,
                RemoteFiles = fields.RemoteFiles,
            };
        }

        private bool TryOwn(string name, JsonElement value)
        {
            if (name != "input")
                return false;
            if (value.ValueKind == JsonValueKind.String)
                _work.Inputs.Add(value.GetString()!);
            else if (!fields.Is(value, JsonValueKind.Array, name, Expected))
                return true;
            else if (value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object)
                ReadParts(value);
            else
                ReadTexts(value);
            return true;
        }

        private void ReadTexts(JsonElement value)
        {
            foreach (var (item, index) in fields.Items(value, "input", 1, OpenAiLimits.InputsMax))
                _work.Inputs.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : fields.Text(item, $"input[{index}]"));
        }

        // Parts are one input together, and have one result.
        private void ReadParts(JsonElement value)
        {
            var text = new StringBuilder();
            foreach (var (item, index) in fields.Items(value, "input", 1, OpenAiLimits.PartsMax))
            {
                var param = $"input[{index}]";
                if (!fields.Is(item, JsonValueKind.Object, param, "an object"))
                    return;
                var type = FieldReader.TryMember(item, "type", out var kind) ? fields.Text(kind, param + ".type") : string.Empty;
                if (type == "text" && FieldReader.TryMember(item, "text", out var part))
                    text.Append(text.Length > 0 ? "\n" : "").Append(fields.Text(part, param + ".text"));
                else if (type == "text")
                    fields.Missing(param + ".text");
                else if (type == "image_url")
                    ReadImage(item, param + ".image_url");
                else
                    fields.Unsupported(param, "only parts of the types 'text' and 'image_url' are");
            }

            _work.Inputs.Add(text.ToString());
        }

        private void ReadImage(JsonElement part, string param)
        {
            if (!FieldReader.TryMember(part, "image_url", out var image))
                fields.Missing(param);
            else if (!fields.Is(image, JsonValueKind.Object, param, "an object"))
                return;
            else if (FieldReader.TryMember(image, "url", out var url))
                _work.Images.Add(_parts.Image(fields.Text(url, param + ".url"), param + ".url").Image);
            else
                fields.Missing(param + ".url");
        }
    }
}
