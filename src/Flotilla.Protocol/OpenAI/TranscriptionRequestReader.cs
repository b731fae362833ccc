using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the forms of <c>POST /v1/audio/transcriptions</c> and <c>POST /v1/audio/translations</c>.</summary>
public static class TranscriptionRequestReader
{
    private static readonly string[] Types = ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "oga", "opus", "wav", "webm"];
    private static readonly string[] Formats = ["json", "text", "srt", "verbose_json", "vtt"];

    /// <summary>Reads and validates a transcription.</summary>
    public static ApiError? TryReadTranscription(FormBody form, out TranscriptionInference? request) => TryRead(form, InferenceEndpoint.Transcriptions, out request);

    /// <summary>Reads and validates a translation into English.</summary>
    public static ApiError? TryReadTranslation(FormBody form, out TranscriptionInference? request) => TryRead(form, InferenceEndpoint.Translations, out request);

    private static ApiError? TryRead(FormBody form, InferenceEndpoint endpoint, out TranscriptionInference? request)
    {
        var fields = new FieldReader();
        var read = new Reading(new FormReader(form, fields), fields, endpoint).Read();
        request = fields.Error is null ? read : null;
        return fields.Error;
    }

    private sealed class Reading(FormReader form, FieldReader fields, InferenceEndpoint endpoint)
    {
        private readonly TranscriptionRequest _work = new() { Translate = endpoint == InferenceEndpoint.Translations };
        private TranscriptFormat _format;
        private string _model = "";
        private bool _stream;
        private bool _words;
        private bool _segments;

        public TranscriptionInference Read()
        {
            foreach (var (name, part) in form.Parts())
            {
                if (!TryCommon(name, part) && endpoint == InferenceEndpoint.Transcriptions)
                    ReadOwn(name, part);
            }

            if (_model.Length == 0)
                fields.Missing("model");
            if (_work.File.IsEmpty)
                fields.Missing("file");
            if ((_words || _segments) && _format != TranscriptFormat.VerboseJson)
                fields.Fail(ApiErrorCode.InvalidValue, "'timestamp_granularities' is only allowed when 'response_format' is verbose_json.", "timestamp_granularities");
            if (_stream && _format is not (TranscriptFormat.Json or TranscriptFormat.Text))
                fields.Fail(ApiErrorCode.InvalidValue, "'stream' is only allowed when 'response_format' is json or text.", "stream");
            _work.Words = _words;
            return new TranscriptionInference { Endpoint = endpoint, Model = _model, Work = _work, Format = _format, Segments = _segments || !_words, Stream = _stream };
        }

        private bool TryCommon(string name, FormPart part)
        {
            switch (name)
            {
                case "file":
                    _work.File = UnsafeByteOperations.UnsafeWrap(form.File(part, name, OpenAiLimits.AudioBytesMax));
                    _work.FileType = TypeOf(part.FileName);
                    break;
                case "model": _model = form.Text(part, name, 1, OpenAiLimits.ModelCharsMax); break;
                case "prompt": _work.Prompt = form.Text(part, name, 0, OpenAiLimits.AudioPromptCharsMax); break;
                case "temperature": _work.Temperature = form.Number(part, name, 0, 1); break;
                case "response_format": _format = FormatOf(form.OneOf(part, name, Formats)); break;
                case "provider" or "models" or "strategy" or "judge_model":
                    fields.Fail(ApiErrorCode.UnsupportedField, $"'{name}' is not read in a form. Leave it out; the header x-region says where a request may run.", name);
                    break;
                default: return false;
            }

            return true;
        }

        private void ReadOwn(string name, FormPart part)
        {
            switch (name)
            {
                case "language": _work.Language = form.Text(part, name, 2, OpenAiLimits.LanguageCharsMax).ToLowerInvariant(); break;
                case "stream": _stream = form.Boolean(part, name); break;
                case "timestamp_granularities":
                    var granularity = form.OneOf(part, name, ["word", "segment"]);
                    _words |= granularity == "word";
                    _segments |= granularity == "segment";
                    break;
                // How the sound is cut before it is heard; the transcript is the same kind of thing either way.
                case "chunking_strategy": form.Text(part, name, 0, OpenAiLimits.AudioPromptCharsMax); break;
                case "include" or "keywords" or "languages" or "known_speaker_names" or "known_speaker_references": fields.Unsupported(name); break;
            }
        }
    }

    // A hint for the runtime, which looks at the bytes themselves; a name that says something else is no fault.
    private static string TypeOf(string? fileName) =>
        Path.GetExtension(fileName ?? "").TrimStart('.').ToLowerInvariant() is var type && Types.Contains(type) ? type : "";

    private static TranscriptFormat FormatOf(string word) => word switch
    {
        "text" => TranscriptFormat.Text,
        "srt" => TranscriptFormat.Srt,
        "vtt" => TranscriptFormat.Vtt,
        "verbose_json" => TranscriptFormat.VerboseJson,
        _ => TranscriptFormat.Json,
    };
}
