using System.Buffers;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Writes validated requests about inputs as bodies again, for an OpenAI-compatible server behind a node.</summary>
public static class InputRequestWriter
{
    /// <summary>For <c>embeddings</c>: base64, which is a third of the numbers' length.</summary>
    /// <param name="work">The request.</param>
    /// <param name="model">The model's name on that server.</param>
    /// <exception cref="JsonException">The extra fields are no JSON object.</exception>
    public static byte[] Write(EmbedRequest work, string model) => Write(model, work.Extra, ["model", "stream", "input", "dimensions", "encoding_format"], json =>
    {
        json.WriteStartArray("input");
        foreach (var input in work.Inputs)
        {
            if (input.InputCase == Prompt.InputOneofCase.Text)
            {
                json.WriteStringValue(input.Text);
                continue;
            }

            json.WriteStartArray();
            foreach (var id in input.TokenIds.Ids)
                json.WriteNumberValue(id);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteString("encoding_format", "base64");
        if (work.HasDimensions)
            json.WriteNumber("dimensions", work.Dimensions);
    });

    /// <summary>For <c>rerank</c>: every document's score is asked for.</summary>
    /// <inheritdoc cref="Write(EmbedRequest, string)" />
    public static byte[] Write(RerankRequest work, string model) => Write(model, work.Extra, ["model", "stream", "query", "documents", "top_n", "return_documents"], json =>
    {
        json.WriteString("query", work.Query);
        WriteTexts(json, "documents", work.Documents);
        json.WriteNumber("top_n", work.Documents.Count);
        json.WriteBoolean("return_documents", false);
    });

    /// <summary>For <c>moderations</c>.</summary>
    /// <inheritdoc cref="Write(EmbedRequest, string)" />
    public static byte[] Write(ModerateRequest work, string model) =>
        Write(model, work.Extra, ["model", "stream", "input"], json =>
        {
            if (work.Images.Count == 0)
                WriteTexts(json, "input", work.Inputs);
            else
                WriteParts(json, "input", work);
        });

    // `own` has 'stream' too, which is never written: an answer must come whole.
    private static byte[] Write(string model, ByteString extra, IReadOnlyCollection<string> own, Action<Utf8JsonWriter> fields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, UpstreamJson.Writing))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            fields(json);
            ExtraFields.Write(json, extra, own);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteParts(Utf8JsonWriter json, string name, ModerateRequest work)
    {
        json.WriteStartArray(name);
        foreach (var text in work.Inputs.Where(t => t.Length > 0))
            ChatBody.WritePart(json, new ContentPart { Text = text });
        foreach (var image in work.Images)
            ChatBody.WritePart(json, new ContentPart { Image = image });
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
