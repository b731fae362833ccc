using System.Globalization;
using System.Text.Json;
using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/webhooks</c>.</summary>
public static class WebhookRequestReader
{
    /// <summary>What a secret begins with, before its base64 (Standard Webhooks).</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>Reads a body.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="request">What is asked for, when the answer is null.</param>
    /// <returns>What is wrong, or null.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out WebhookRequest? request) =>
        JsonBody.TryRead(body, Read, out request);

    private static WebhookRequest Read(FieldReader fields, JsonElement body)
    {
        string? url = null;
        string[]? events = null, models = null;
        byte[]? secret = null;
        Credits? threshold = null;
        foreach (var property in body.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "url": url = fields.Text(value, property.Name, 1, OpenAiLimits.UrlCharsMax); break;
                case "events": events = Texts(value, property.Name, OpenAiLimits.WebhookEventsMax, fields, (item, at) => fields.OneOf(item, at, WebhookEventTypes.Filters)); break;
                case "models": models = Texts(value, property.Name, OpenAiLimits.WebhookModelsMax, fields, (item, at) => fields.Text(item, at, 1, OpenAiLimits.ModelCharsMax)); break;
                case "secret": secret = Secret(value, fields); break;
                case "credit_threshold": threshold = Amount(value, property.Name, fields); break;
                default: fields.Fail(ApiErrorCode.InvalidRequest, $"Unknown parameter: a webhook has no field '{(property.Name.Length <= OpenAiLimits.IdentifierCharsMax ? property.Name : "?")}'.", null); break;
            }
        }

        if (url is null)
            fields.Missing("url");
        if (events is null)
            fields.Missing("events");
        return new WebhookRequest { Url = url ?? "", Events = events ?? [], Models = models, Secret = secret, CreditThreshold = threshold };
    }

    private static string[] Texts(JsonElement value, string param, int countMax, FieldReader fields, Func<JsonElement, string, string> read) =>
        [.. fields.Items(value, param, 1, countMax).Select(item => read(item.Value, string.Create(CultureInfo.InvariantCulture, $"{param}[{item.Index}]"))).Distinct()];

    private static byte[]? Secret(JsonElement value, FieldReader fields)
    {
        // Longer than any that fits, and short enough to look at.
        var text = fields.Text(value, "secret", 0, 2 * OpenAiLimits.WebhookSecretBytesMax);
        var bytes = new byte[OpenAiLimits.WebhookSecretBytesMax];
        if (text.StartsWith(SecretPrefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) && length >= OpenAiLimits.WebhookSecretBytesMin)
            return bytes[..length];
        fields.Fail(
            ApiErrorCode.InvalidValue,
            $"Invalid value for 'secret': expected '{SecretPrefix}' and the base64 of {OpenAiLimits.WebhookSecretBytesMin} to {OpenAiLimits.WebhookSecretBytesMax} bytes. Leave it out to have one drawn.",
            "secret");
        return null;
    }

    private static Credits? Amount(JsonElement value, string param, FieldReader fields)
    {
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : fields.Text(value, param);
        if (Credits.TryParse(text, out var amount) && amount >= Credits.Zero)
            return amount;
        fields.Invalid(param, "credits in decimal, such as \"12.5\"", value);
        return null;
    }
}
