using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Flotilla.Gateway.Deferred;

/// <summary>Which headers outlive the connection that they came by.</summary>
internal static class DeferredHeaders
{
    /// <summary>Of a request: what the call may depend on. Keys and what speaks of the connection stay behind.</summary>
    public static string OfRequest(IHeaderDictionary headers) => Json(headers.Where(h =>
        (h.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase) || h.Key.StartsWith("anthropic-", StringComparison.OrdinalIgnoreCase)
            || h.Key.Equals(HeaderNames.ContentEncoding, StringComparison.OrdinalIgnoreCase))
        && !h.Key.Equals("x-api-key", StringComparison.OrdinalIgnoreCase) && !h.Key.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Of an answer: everything but what the connection that delivers it sets itself.</summary>
    public static string OfAnswer(IHeaderDictionary headers) => Json(headers.Where(h =>
        !h.Key.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase) && !h.Key.Equals("openai-processing-ms", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Reads what was stored.</summary>
    public static IHeaderDictionary Read(string json)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, values) in JsonSerializer.Deserialize(json, DeferredJson.Default.DictionaryStringStringArray)!)
            headers[name] = values;
        return headers;
    }

    private static string Json(IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> headers) =>
        JsonSerializer.Serialize(headers.ToDictionary(h => h.Key, h => h.Value.OfType<string>().ToArray(), StringComparer.OrdinalIgnoreCase), DeferredJson.Default.DictionaryStringStringArray);
}
