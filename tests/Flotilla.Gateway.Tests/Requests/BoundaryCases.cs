using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Testing.Api;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The values at, beside and beyond the bounds of every field of an operation, made from the document.</summary>
internal sealed class BoundaryCases(ApiContract contract, ApiRequests operation)
{
    /// <summary>Longer lists are tried beyond their bound and not at it: what they ask for would take too long.</summary>
    private const int ItemsTriedMax = 10_000;

    /// <summary>Marks the first item of a list in a path, as errors do.</summary>
    private const string First = "[0]";

    private const string Message = """{"role":"user","content":"hi"}""";

    /// <summary>Values that are wrong for most fields, whatever their bounds. The document says for which.</summary>
    private static readonly string[] Strange =
        ["null", "true", "-1", "0", "1.5", "1e400", "-1e400", "9223372036854775808", "\"x\"", "\"\"", "\"NaN\"", "\"7\"", "[]", "{}", "[null]", "[[[]]]"];

    /// <summary>Fields that mean nothing, or something else, without another one.</summary>
    private static readonly Dictionary<string, string> Companions = new()
    {
        ["top_logprobs"] = """{"logprobs":true,"include":["message.output_text.logprobs"]}""",
        ["stream_options"] = """{"stream":true}""",
        ["strategy"] = """{"models":["scripted","other"]}""",
        ["judge_model"] = """{"strategy":"judge","models":["scripted","other"]}""",
        ["timestamp_granularities"] = """{"response_format":"verbose_json"}""",
        ["expires_after[anchor]"] = """{"expires_after[seconds]":3600}""",
        ["expires_after[seconds]"] = """{"expires_after[anchor]":"created_at"}""",
    };

    /// <summary>Objects of which one member is tried, with what they must have besides.</summary>
    private static readonly Dictionary<string, string> Objects = new()
    {
        ["thinking"] = """{"type":"enabled"}""",
        ["output_expires_after"] = """{"anchor":"created_at","seconds":3600}""",
        ["response_format"] = """{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}""",
        ["format"] = """{"type":"json_schema","name":"n","schema":{"type":"object"}}""",
    };

    /// <summary>Fields that name something which must be there, so that a good form alone is not enough, or a price that may be too low.</summary>
    private static readonly string[] References =
    [
        "url", "image", "video", "b64_json", "model", "models", "judge_model", "endpoint", "input_file_id", "previous_response_id",
        "provider.order", "provider.only", "provider.ignore", "provider.max_price.prompt", "provider.max_price.completion",
    ];

    /// <summary>Every case of the operation's body.</summary>
    public IEnumerable<BoundaryCase> All()
    {
        var required = operation.Schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToArray();
        return operation.Fields.SelectMany(field => Of([field.Name], field.Value, required.Contains(field.Name)));
    }

    private IEnumerable<BoundaryCase> Of(string[] path, JsonElement schema, bool isRequired)
    {
        var field = string.Join('.', path);
        if (schema.TryGetProperty("format", out _) || (schema.TryGetProperty("items", out var item) && item.TryGetProperty("format", out _)))
            yield break;
        var isReference = References.Contains(field);
        foreach (var (json, isTelling) in Candidates(path[^1], schema).DistinctBy(one => one.Json))
        {
            var fits = SchemaCheck.Fault(contract.Document, schema, JsonElement.Parse(json)) is null;
            // A form has no null, no types, and says nothing by an empty value.
            if (operation.IsForm && (json is "null" or "\"\"" or "[]" || json.StartsWith('{') || (!fits && IsLooselyWritten(schema, json))))
                continue;
            yield return new BoundaryCase(field, json, Body(path, json), fits ? isTelling && !isReference ? true : null : false);
        }

        foreach (var alternative in Alternatives(schema))
        {
            if (!isRequired && alternative.TryGetProperty("properties", out var members))
            {
                foreach (var nested in members.EnumerateObject().SelectMany(member => Of([.. path, member.Name], member.Value, isRequired: false)))
                    yield return nested;
            }

            if (!alternative.TryGetProperty("items", out var inner) || !Alternatives(inner).First().TryGetProperty("properties", out members))
                continue;
            foreach (var nested in members.EnumerateObject().SelectMany(member => Of([.. path[..^1], path[^1] + First, member.Name], member.Value, isRequired: false)))
                yield return nested;
        }
    }

    /// <summary>The schemas of which a value fits one.</summary>
    private IEnumerable<JsonElement> Alternatives(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var name))
            return Alternatives(SchemaCheck.Named(contract.Document, name.GetString()!.Split('/')[^1]));
        return schema.TryGetProperty("anyOf", out var several) ? several.EnumerateArray().SelectMany(Alternatives) : [schema];
    }

    /// <summary>What could be wrong, and what stands at a bound; of the latter the document tells for certain whether it is served.</summary>
    private IEnumerable<(string Json, bool IsTelling)> Candidates(string name, JsonElement schema)
    {
        foreach (var one in Alternatives(schema).SelectMany(alternative => Numbers(alternative).Concat(Texts(alternative)).Concat(Lists(name, alternative)).Concat(Members(alternative))))
            yield return (one, true);
        foreach (var one in Strange)
            yield return (one, one == "null");
    }

    private static IEnumerable<string> Numbers(JsonElement schema)
    {
        var step = schema.TryGetProperty("type", out var type) && SchemaCheck.Types(type).Contains("integer") ? 1 : 0.001m;
        if (schema.TryGetProperty("minimum", out var min))
            yield return Text(min.GetDecimal() - step);
        if (schema.TryGetProperty("minimum", out min))
            yield return Text(min.GetDecimal());
        if (schema.TryGetProperty("maximum", out var max))
            yield return Text(max.GetDecimal());
        if (schema.TryGetProperty("maximum", out max))
            yield return Text(max.GetDecimal() + step);
    }

    private static IEnumerable<string> Texts(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var words))
        {
            foreach (var word in words.EnumerateArray())
                yield return word.GetRawText();
        }

        foreach (var length in Around(schema, "Length"))
            yield return $"\"{new string('a', length)}\"";
    }

    private IEnumerable<string> Lists(string name, JsonElement schema)
    {
        if (!schema.TryGetProperty("items", out var item))
            yield break;
        foreach (var count in Around(schema, "Items"))
        {
            if (count <= ItemsTriedMax || count > schema.GetProperty("maxItems").GetInt32())
                yield return $"[{string.Join(',', Enumerable.Range(0, count).Select(i => item.TryGetProperty("enum", out var words) ? words[0].GetRawText() : Sample(name, i)))}]";
        }

        foreach (var one in Alternatives(item).SelectMany(kind => Texts(kind).Concat(Numbers(kind))))
            yield return $"[{one}]";
    }

    private static IEnumerable<string> Members(JsonElement schema)
    {
        if (!schema.TryGetProperty("additionalProperties", out var inner) || inner.ValueKind != JsonValueKind.Object)
            yield break;
        var sample = inner.GetProperty("type").ValueEquals("string") ? "\"v\"" : "1";
        foreach (var count in Around(schema, "Properties"))
            yield return $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i}\":{sample}"))}}}";
        foreach (var one in Texts(inner).Concat(Numbers(inner)))
            yield return $$"""{"7":{{one}}}""";
    }

    private static IEnumerable<int> Around(JsonElement schema, string what)
    {
        if (schema.TryGetProperty("min" + what, out var min) && min.GetInt32() > 0)
            yield return min.GetInt32() - 1;
        if (schema.TryGetProperty("min" + what, out min))
            yield return min.GetInt32();
        if (schema.TryGetProperty("max" + what, out var max))
            yield return max.GetInt32();
        if (schema.TryGetProperty("max" + what, out max))
            yield return max.GetInt32() + 1;
    }

    /// <summary>An item of the list that has this name; items of one list differ where they must.</summary>
    private string Sample(string name, int index) => name switch
    {
        "messages" => Message,
        "input" when operation.Path.StartsWith("/v1/responses", StringComparison.Ordinal) => Message,
        "system" or "content" => """{"type":"text","text":"hi"}""",
        "tool_calls" => """{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}""",
        "requests" => operation.Example()["requests"]![0]!.ToJsonString(),
        "tools" => operation.Path.Split('/')[2] switch
        {
            "chat" => $$$"""{"type":"function","function":{"name":"f{{{index}}}"}}""",
            "messages" => $$$"""{"name":"f{{{index}}}","input_schema":{"type":"object"}}""",
            _ => $$"""{"type":"function","name":"f{{index}}"}""",
        },
        _ => $"\"t{index}\"",
    };

    /// <summary>The operation's example with the value in its place, and what it needs beside it.</summary>
    private string Body(string[] path, string json)
    {
        var body = operation.Example();
        foreach (var (name, companion) in Companions.GetValueOrDefault(path[0]) is { } text ? JsonNode.Parse(text)!.AsObject().ToArray() : [])
            body[name] = companion?.DeepClone();
        var at = body;
        foreach (var (step, next) in path[..^1].Zip(path[1..]))
        {
            if (step.EndsWith(First, StringComparison.Ordinal))
            {
                var name = step[..^First.Length];
                var item = JsonNode.Parse(Item(name, next))!.AsObject();
                at[name] = new JsonArray(item);
                at = item;
                continue;
            }

            if (at[step] is not JsonObject)
                at[step] = JsonNode.Parse(Objects.GetValueOrDefault(step, "{}"));
            at = at[step]!.AsObject();
        }

        // Parsed as it is written: what no number of ours can hold must arrive all the same.
        at[path[^1]] = JsonNode.Parse(json);
        return body.ToJsonString();
    }

    // What stands in a message depends on whose it is.
    private string Item(string name, string next) => (name, next) switch
    {
        ("messages", "tool_call_id") => """{"role":"tool","content":"hi"}""",
        ("messages", "tool_calls" or "tool_calls" + First) => """{"role":"assistant"}""",
        _ => Sample(name, 0),
    };

    /// <summary>Whether a form would write the value as another one that fits: it does not tell <c>"7"</c> from <c>7</c>, nor <c>["a"]</c> from <c>"a"</c>.</summary>
    private bool IsLooselyWritten(JsonElement schema, string json)
    {
        if (json.StartsWith('['))
            return true;
        var bare = json.Trim('"');
        return SchemaCheck.Fault(contract.Document, schema, JsonElement.Parse($"\"{bare}\"")) is null
            || (decimal.TryParse(bare, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && SchemaCheck.Fault(contract.Document, schema, JsonElement.Parse(bare)) is null)
            || (bare is "true" && SchemaCheck.Fault(contract.Document, schema, JsonElement.Parse(bare)) is null)
            || (schema.TryGetProperty("items", out var item) && SchemaCheck.Fault(contract.Document, item, JsonElement.Parse(json)) is null);
    }

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
