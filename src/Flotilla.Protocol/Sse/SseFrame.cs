namespace Flotilla.Protocol.Sse;

/// <summary>The fixed pieces of an event stream as OpenAI sends it: nameless events, one line of data each.</summary>
internal static class SseFrame
{
    /// <summary>Begins an event.</summary>
    public static ReadOnlySpan<byte> Start => "data: "u8;

    /// <summary>Ends an event.</summary>
    public static ReadOnlySpan<byte> End => "\n\n"u8;

    /// <summary>The event after the last chunk.</summary>
    public static ReadOnlySpan<byte> Done => "data: [DONE]\n\n"u8;
}
