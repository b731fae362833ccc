using System.Buffers;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>Puts the items that a request names into their places.</summary>
public static class ItemReferences
{
    /// <summary>The request as if the items stood in its input.</summary>
    /// <param name="request">A request to <c>/v1/responses</c> with references; its chat is changed.</param>
    /// <param name="items">The items that are known, as JSON, by their ids.</param>
    /// <returns>The request; a fault where an item is unknown, or all together are too long.</returns>
    public static (TextInference? Request, ApiError? Error) Resolve(TextInference request, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> items)
    {
        var terms = request.Response!;
        foreach (var reference in terms.References.Where(r => !items.ContainsKey(r.Id)))
        {
            var param = $"input[{reference.Index}].id";
            return (null, new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': your namespace keeps no item of this id. Send the item itself.", param));
        }

        var fields = new FieldReader();
        var chat = request.Work.Chat;
        var instructions = chat.Messages.Take(terms.HasInstructions ? 1 : 0).ToList();
        chat.Messages.Clear();
        chat.Messages.AddRange(instructions);
        var whole = Whole(terms, items);
        using (var input = JsonDocument.Parse(whole, new JsonDocumentOptions { MaxDepth = OpenAiLimits.JsonDepthMax }))
            new InputReader(fields, chat.Messages).Read(input.RootElement);
        if ((fields.Error ?? Conversation.TooLong(request, "input")) is { } error)
            return (null, error);
        return (request with
        {
            PromptBytes = PromptSize.Of(chat),
            Needs = [.. request.Needs.Concat(fields.Needs).DistinctBy(n => n.Capability)],
            Response = terms with { Input = whole, References = [] },
        }, null);
    }

    private static byte[] Whole(ResponseTerms terms, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> items)
    {
        var named = terms.References.ToDictionary(r => r.Index, r => r.Id);
        var output = new ArrayBufferWriter<byte>(terms.Input.Length);
        using (var json = new Utf8JsonWriter(output))
        using (var input = JsonDocument.Parse(terms.Input, new JsonDocumentOptions { MaxDepth = OpenAiLimits.JsonDepthMax }))
        {
            json.WriteStartArray();
            foreach (var (index, item) in input.RootElement.EnumerateArray().Index())
            {
                if (named.TryGetValue(index, out var id))
                    json.WriteRawValue(items[id].Span);
                else
                    item.WriteTo(json);
            }

            json.WriteEndArray();
        }

        return output.WrittenSpan.ToArray();
    }
}
