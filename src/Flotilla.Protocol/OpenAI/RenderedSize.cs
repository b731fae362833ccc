using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>
/// How many bytes of JSON an event becomes at most, in whichever dialect: an answer that is gathered is bounded by what it is written
/// as, while it comes. Seven bytes of a token with its log probability are sixty in JSON.
/// </summary>
public static class RenderedSize
{
    /// <summary>Bytes that one character (UTF-16 unit) of text becomes at most: <c>\u001f</c>.</summary>
    public const int BytesPerCharMax = 6;

    // A number of 32 bits in the shortest form that is read back the same, and a comma: -1.1754944E-38,
    private const int BytesPerFloatMax = 16;

    // {"token":"","logprob":-1.1754944E-38,"bytes":[],"top_logprobs":[]}, and as much for an offset or a prefix.
    private const int TokenFrame = 128;

    // As text \\x1f or \u001f, and as a number 255,
    private const int BytesPerTokenByteMax = 10;

    // What stands around a call, a segment of a transcript or one of its words: ids, times, field names.
    private const int ItemFrame = 512;

    /// <summary>The bound for one event.</summary>
    public static long Of(Event item)
    {
        long size = item.BodyCase switch
        {
            Event.BodyOneofCase.Text => Of(item.Text.Text_),
            Event.BodyOneofCase.Reasoning => Of(item.Reasoning.Text_),
            Event.BodyOneofCase.ToolCall => Of(item.ToolCall.Arguments) + (item.ToolCall.Name.Length > 0 ? ItemFrame + Of(item.ToolCall.Name) + Of(item.ToolCall.Id) : 0),
            Event.BodyOneofCase.Vector => OfNumbers(item.Vector),
            Event.BodyOneofCase.Media => Base64(item.Media.Data.Length),
            // The text stands in the whole text too, and each word in the list of all.
            Event.BodyOneofCase.Segment => ItemFrame + (2 * Of(item.Segment.Text)) + item.Segment.Words.Sum(w => ItemFrame + Of(w.Text)),
            Event.BodyOneofCase.None or Event.BodyOneofCase.PromptReady or Event.BodyOneofCase.PromptTokens or Event.BodyOneofCase.Progress => 0,
            _ => ItemFrame,
        };
        return size + item.Tokens.Where(t => t.HasLogprob).Concat(item.PromptTokens?.Tokens ?? []).Sum(Of);
    }

    /// <summary>The bound for a vector as a list of numbers.</summary>
    public static long OfNumbers(Vector vector) => ItemFrame + (vector.Values.Length / sizeof(float) * (long)BytesPerFloatMax);

    /// <summary>The bound for a vector as base64.</summary>
    public static long OfBase64(Vector vector) => ItemFrame + Base64(vector.Values.Length);

    private static long Of(TokenOutput token) => Of(token.Bytes.Length) + token.Top.Sum(t => Of(t.Bytes.Length));

    private static long Of(string text) => (long)text.Length * BytesPerCharMax;

    private static long Of(int tokenBytes) => TokenFrame + ((long)tokenBytes * BytesPerTokenByteMax);

    private static long Base64(int bytes) => (bytes + 2) / 3 * 4L;
}
