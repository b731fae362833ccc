using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/audio/speech</c>.</summary>
public static class SpeechRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out SpeechInference? request) =>
        JsonBody.TryRead(body, Read, out request);

    private static SpeechInference Read(FieldReader fields, JsonElement body)
    {
        var work = new SpeechRequest { ResponseFormat = SpeechFormats.Default, Speed = 1 };
        var model = "";
        var asEvents = false;
        var caller = new CallerFields(fields);
        var provider = ProviderPreferences.None;
        foreach (var property in body.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
        {
            var (name, value) = (property.Name, property.Value);
            switch (name)
            {
                case "model": model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
                case "input": work.Input = fields.Text(value, name, 1, OpenAiLimits.SpeechCharsMax); break;
                case "voice": work.Voice = Voice(fields, value); break;
                case "instructions": work.Instructions = fields.Text(value, name, 0, OpenAiLimits.SpeechCharsMax); break;
                case "response_format": work.ResponseFormat = fields.OneOf(value, name, SpeechFormats.Names); break;
                case "speed": work.Speed = fields.Number(value, name, OpenAiLimits.SpeedMin, OpenAiLimits.SpeedMax); break;
                case "stream_format": asEvents = fields.OneOf(value, name, ["audio", "sse"]) == "sse"; break;
                // It is streamed either way.
                case "stream": fields.Boolean(value, name); break;
                case "provider": provider = new ProviderReader(fields).Read(value); break;
                default:
                    if (!caller.TryRead(name, value))
                        UnservedFields.TryRead(InferenceEndpoint.Speech, name, value, fields);
                    break;
            }
        }

        if (model.Length == 0)
            fields.Missing("model");
        if (work.Input.Length == 0)
            fields.Missing("input");
        if (work.Voice.Length == 0)
            fields.Missing("voice");
        return new SpeechInference
        {
            Endpoint = InferenceEndpoint.Speech,
            Model = model,
            Work = work,
            Stream = true,
            AsEvents = asEvents,
            User = caller.User,
            Metadata = caller.Metadata,
            Provider = provider,
        };
    }

    private static string Voice(FieldReader fields, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return fields.Text(value, "voice", 1, OpenAiLimits.ModelCharsMax);
        if (FieldReader.TryMember(value, "id", out var id))
            return fields.Text(id, "voice.id", 1, OpenAiLimits.ModelCharsMax);
        fields.Missing("voice.id");
        return "";
    }
}
