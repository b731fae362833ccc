using System.Text.Json;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Reads what an OpenAI-compatible server answers about inputs: one event for each, and the tokens that it counted.</summary>
/// <remarks>Every method throws <see cref="InvalidDataException"/> where the answer is none: not JSON, or not one result for each input.</remarks>
public static class InputAnswerReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = OpenAiLimits.JsonDepthMax };

    /// <summary>Embeddings: numbers or base64, whatever was asked for.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="inputs">How many inputs there were.</param>
    public static (IReadOnlyList<Event> Events, uint Tokens) Embeddings(ReadOnlyMemory<byte> body, int inputs) =>
        Read(body, inputs, "data", (item, vector) => vector.Vector = new Vector { Values = UnsafeByteOperations.UnsafeWrap(Values(UpstreamJson.Member(item, "embedding"))) });

    /// <summary>Scores.</summary>
    /// <inheritdoc cref="Embeddings" />
    public static (IReadOnlyList<Event> Events, uint Tokens) Scores(ReadOnlyMemory<byte> body, int inputs) => Read(body, inputs, "results", (item, score) =>
    {
        var relevance = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("relevance_score", out var named) ? named : UpstreamJson.Member(item, "score");
        score.Score = new Score { Relevance = Number(relevance, "a score") };
    });

    /// <summary>Moderations; categories that the server does not know are not flagged.</summary>
    /// <inheritdoc cref="Embeddings" />
    public static (IReadOnlyList<Event> Events, uint Tokens) Verdicts(ReadOnlyMemory<byte> body, int inputs) =>
        Read(body, inputs, "results", (item, verdict) => verdict.Verdict = Verdict(item));

    private static (IReadOnlyList<Event> Events, uint Tokens) Read(ReadOnlyMemory<byte> body, int inputs, string list, Action<JsonElement, Event> fill)
    {
        using var document = Parse(body);
        var items = UpstreamJson.Member(document.RootElement, list);
        if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() != inputs)
            throw new InvalidDataException($"'{list}' does not hold {inputs} results");
        var events = new Event?[inputs];
        var position = 0;
        foreach (var item in items.EnumerateArray())
        {
            var index = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("index", out var named) && named.ValueKind == JsonValueKind.Number && named.TryGetInt32(out var told)
                ? told
                : position;
            position++;
            if (index < 0 || index >= inputs || events[index] is not null)
                throw new InvalidDataException($"'{list}' has two results of one index, or one beyond {inputs}");
            fill(item, events[index] = new Event { Choice = (uint)index });
        }

        return (events!, Tokens(document.RootElement));
    }

    // Vectors that come as numbers are more values than a request may have.
    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("its answer is not JSON", e);
        }
    }

    // Servers of rerankers tell the total alone.
    private static uint Tokens(JsonElement answer)
    {
        if (!answer.TryGetProperty("usage", out var usage))
            return 0;
        var prompt = UpstreamJson.CountOf(usage, "prompt_tokens");
        return prompt > 0 ? prompt : UpstreamJson.CountOf(usage, "total_tokens");
    }

    private static float Number(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number) ? number : throw new InvalidDataException($"{what} is no finite number");

    private static byte[] Values(JsonElement embedding)
    {
        if (embedding.ValueKind == JsonValueKind.String)
            return embedding.TryGetBytesFromBase64(out var bytes) ? bytes : throw new InvalidDataException("an embedding is not base64");
        if (embedding.ValueKind != JsonValueKind.Array || embedding.GetArrayLength() > OpenAiLimits.DimensionsMax)
            throw new InvalidDataException($"an embedding is no array of at most {OpenAiLimits.DimensionsMax} numbers");
        return Float32.Bytes(embedding.EnumerateArray().Select(v => Number(v, "a value of an embedding")).ToArray());
    }

    private static Verdict Verdict(JsonElement item)
    {
        var verdict = new Verdict { Flagged = UpstreamJson.Member(item, "flagged").ValueKind == JsonValueKind.True };
        var categories = UpstreamJson.Member(item, "categories");
        var scores = UpstreamJson.Member(item, "category_scores");
        if (categories.ValueKind != JsonValueKind.Object || scores.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("'categories' or 'category_scores' is no object");
        foreach (var name in ModerationCategories.Names)
        {
            if (categories.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True)
                verdict.Categories |= ModerationCategories.Bit(name);
            verdict.Scores.Add(scores.TryGetProperty(name, out var score) && score.ValueKind == JsonValueKind.Number ? Math.Clamp(Number(score, "a score"), 0, 1) : 0);
        }

        // Some servers set a threshold for the whole that is above those for the categories.
        verdict.Flagged |= verdict.Categories != 0;
        return verdict;
    }
}
