using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads an upstream's logprobs in either of OpenAI's two shapes. Token ids are not part of them.</summary>
internal static class UpstreamTokens
{
    /// <summary>The tokens; empty for anything else.</summary>
    public static List<TokenOutput> Read(JsonElement logprobs)
    {
        if (logprobs.ValueKind != JsonValueKind.Object)
            return [];
        if (TryArray(logprobs, "content", out var content))
            return [.. content.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.Object).Select(ReadChatToken)];
        return TryArray(logprobs, "tokens", out var tokens) ? ReadCompletion(logprobs, tokens) : [];
    }

    private static TokenOutput ReadChatToken(JsonElement token)
    {
        var output = new TokenOutput { Logprob = LogprobOf(token), Bytes = BytesOf(token) };
        if (TryArray(token, "top_logprobs", out var top))
        {
            output.Top.AddRange(top.EnumerateArray()
                .Where(t => t.ValueKind == JsonValueKind.Object)
                .Take(OpenAiLimits.UpstreamAlternativesMax)
                .Select(t => new TokenAlternative { Logprob = LogprobOf(t), Bytes = BytesOf(t) }));
        }

        return output;
    }

    private static List<TokenOutput> ReadCompletion(JsonElement logprobs, JsonElement tokens)
    {
        var result = new List<TokenOutput>(tokens.GetArrayLength());
        var values = TryArray(logprobs, "token_logprobs", out var v) ? v.EnumerateArray().ToArray() : [];
        var tops = TryArray(logprobs, "top_logprobs", out var t) ? t.EnumerateArray().ToArray() : [];
        foreach (var token in tokens.EnumerateArray())
        {
            var at = result.Count;
            var output = new TokenOutput { Bytes = token.ValueKind == JsonValueKind.String ? ByteString.CopyFromUtf8(token.GetString()!) : ByteString.Empty };
            if (at < values.Length && values[at].ValueKind == JsonValueKind.Number)
                output.Logprob = Float(values[at]);
            if (at < tops.Length && tops[at].ValueKind == JsonValueKind.Object)
            {
                output.Top.AddRange(tops[at].EnumerateObject()
                    .Where(p => p.Value.ValueKind == JsonValueKind.Number)
                    .Take(OpenAiLimits.UpstreamAlternativesMax)
                    .Select(p => new TokenAlternative { Logprob = Float(p.Value), Bytes = ByteString.CopyFromUtf8(p.Name) }));
            }

            result.Add(output);
        }

        return result;
    }

    private static ByteString BytesOf(JsonElement token)
    {
        if (!TryArray(token, "bytes", out var bytes))
            return ByteString.CopyFromUtf8(UpstreamJson.Text(token, "token") ?? "");
        return ByteString.CopyFrom([.. bytes.EnumerateArray().Select(b => b.ValueKind == JsonValueKind.Number && b.TryGetByte(out var value) ? value : (byte)'?')]);
    }

    private static float LogprobOf(JsonElement token) =>
        FieldReader.TryMember(token, "logprob", out var value) && value.ValueKind == JsonValueKind.Number ? Float(value) : float.NegativeInfinity;

    private static float Float(JsonElement number) => number.TryGetSingle(out var value) ? value : float.NegativeInfinity;

    private static bool TryArray(JsonElement value, string name, out JsonElement array) =>
        value.TryGetProperty(name, out array) && array.ValueKind == JsonValueKind.Array;
}
