using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The fields of a request to describe one thing: where it is, what to tell of it, and how, with the fields of a chat.</summary>
/// <param name="endpoint">What is described there.</param>
/// <param name="subject">The field that holds it: bytes in base64, or a URL; with <c>_url</c> behind it, a URL or an object like a chat's.</param>
/// <param name="fields">Keeps the faults.</param>
internal abstract class DescriptionFields(InferenceEndpoint endpoint, string subject, FieldReader fields)
{
    private const string Encoded = "b64_json";

    private readonly CommonFields _common = new(endpoint, fields);
    private readonly string _url = subject + "_url";
    private string? _prompt;
    private bool _isTaken;

    /// <summary>The field that holds what is described.</summary>
    public string Subject => subject;

    /// <summary>Bytes that it may have.</summary>
    public abstract int BytesMax { get; }

    /// <summary>For sentences.</summary>
    protected abstract string Noun { get; }

    /// <summary>Keeps the faults.</summary>
    protected FieldReader Fields => fields;

    /// <summary>How closely to look: auto, low, high or nothing.</summary>
    protected string Detail { get; private set; } = "";

    /// <summary>Whether a field may hold what is described.</summary>
    public bool IsSubject(string name) => name == subject || name == _url || name == Encoded;

    /// <summary>Its bytes; whoever sent them need not know what they are.</summary>
    public void Take(ReadOnlyMemory<byte> file, string param)
    {
        Once(param);
        if (fields.Error is not null)
            return;
        if (Fault(file) is { } fault)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': what was sent {fault}.", param);
        else
            TakeFile(file, param);
    }

    /// <summary>Reads all fields.</summary>
    /// <returns>Null where a fault was found.</returns>
    public TextInference? Read(JsonElement body)
    {
        var chat = new Chat();
        _common.Work.Chat = chat;
        _common.Read(body, TryOwn);
        if (!_isTaken)
            fields.Missing(subject);
        if (fields.Error is not null)
            return null;
        chat.Messages.Add(new Message { Role = "user", Parts = { Parts(_prompt ?? $"Describe this {subject}.") } });
        return _common.Complete((int)_common.Work.Choices, PromptSize.Of(chat), echo: false) is { } request ? Complete(request) : null;
    }

    /// <summary>What is wrong with the bytes, as the end of a sentence; null where nothing is.</summary>
    protected abstract string? Fault(ReadOnlyMemory<byte> file);

    /// <summary>Takes bytes with nothing wrong about them.</summary>
    protected abstract void TakeFile(ReadOnlyMemory<byte> file, string param);

    /// <summary>Takes a URL, one that has the bytes or one that leads to them.</summary>
    protected abstract void TakeUrl(string url, string param);

    /// <summary>The message to the model.</summary>
    protected abstract IEnumerable<ContentPart> Parts(string prompt);

    /// <summary>The request, with what it needs beyond a chat.</summary>
    protected virtual TextInference Complete(TextInference request) => request;

    /// <summary>Reads a field that this subject alone has.</summary>
    protected virtual bool TryFurther(string name, JsonElement value) => false;

    private bool TryOwn(string name, JsonElement value)
    {
        if (name == subject || (name == _url && value.ValueKind != JsonValueKind.Object))
            ReadPlace(fields.Text(value, name), name);
        else if (name == _url)
            ReadObject(value);
        else if (name == Encoded)
            ReadBase64(fields.Text(value, name), name);
        else if (name == "prompt")
            _prompt = fields.Text(value, name, 1, OpenAiLimits.ImagePromptCharsMax);
        else if (name == "detail")
            Detail = fields.OneOf(value, name, ["auto", "low", "high"]);
        // Read here, because a chat has them and this endpoint has not.
        else if (name is "stream" or "stream_options")
            return UnservedFields.TryRead(endpoint, name, value, fields);
        else
            return TryFurther(name, value);
        return true;
    }

    private void ReadObject(JsonElement value)
    {
        if (FieldReader.TryMember(value, "detail", out var detail))
            Detail = fields.OneOf(detail, _url + ".detail", ["auto", "low", "high"]);
        if (FieldReader.TryMember(value, "url", out var url))
            ReadPlace(fields.Text(url, _url + ".url"), _url + ".url");
        else
            fields.Missing(_url + ".url");
    }

    // No base64 has a colon, and no URL is without.
    private void ReadPlace(string text, string param)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
        {
            ReadBase64(text, param);
            return;
        }

        Once(param);
        TakeUrl(text, param);
    }

    private void ReadBase64(string text, string param)
    {
        var bytes = new byte[text.Length / 4 * 3 + 3];
        if (fields.Error is null && text.Length > 0 && Convert.TryFromBase64String(text, bytes, out var count))
            Take(bytes.AsMemory(0, count), param);
        else
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected {Noun} in base64{(param == Encoded ? "" : ", or a URL")}.", param);
    }

    private void Once(string param)
    {
        if (_isTaken)
            fields.Fail(ApiErrorCode.InvalidRequest, $"'{param}' is a second {Noun[2..]}; one is described at a time.", param);
        _isTaken = true;
    }
}
