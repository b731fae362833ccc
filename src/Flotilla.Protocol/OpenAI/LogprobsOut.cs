using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes what a runtime told of its tokens, in the two shapes that OpenAI has for it.</summary>
internal static class LogprobsOut
{
    // JSON has no infinity; OpenAI writes this for what is practically impossible.
    private const float Impossible = -9999;

    /// <summary>Whether there is anything to show.</summary>
    public static bool Any(IReadOnlyList<TokenOutput> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].HasLogprob)
                return true;
        }

        return false;
    }

    /// <summary>A chat's <c>{"content":[…],"refusal":null}</c>.</summary>
    public static void WriteChat(IBufferWriter<byte> output, IReadOnlyList<TokenOutput> tokens, uint topMax)
    {
        output.Write("{\"content\":"u8);
        WriteTokens(output, tokens, topMax);
        output.Write(",\"refusal\":null}"u8);
    }

    /// <summary>The array of a chat's, which a response's text has too.</summary>
    public static void WriteTokens(IBufferWriter<byte> output, IReadOnlyList<TokenOutput> tokens, uint topMax)
    {
        output.Write("["u8);
        var first = true;
        foreach (var token in tokens.Where(t => t.HasLogprob))
        {
            output.Write(first ? "{"u8 : ",{"u8);
            first = false;
            WriteChatToken(output, token.Bytes, token.Logprob);
            output.Write(",\"top_logprobs\":["u8);
            for (var i = 0; i < token.Top.Count && i < topMax; i++)
            {
                output.Write(i == 0 ? "{"u8 : ",{"u8);
                WriteChatToken(output, token.Top[i].Bytes, token.Top[i].Logprob);
                output.Write("}"u8);
            }

            output.Write("]}"u8);
        }

        output.Write("]"u8);
    }

    /// <summary>A completion's four parallel arrays. A token without a log probability, the first of all, has null.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="tokens">The tokens that are shown.</param>
    /// <param name="topMax">Alternatives asked for.</param>
    /// <param name="places">Where in the choice's text each token stands.</param>
    /// <param name="prompt">How many of them are the echoed prompt's.</param>
    public static void WriteCompletion(IBufferWriter<byte> output, IReadOnlyList<TokenOutput> tokens, uint topMax, TextPlaces places, int prompt = 0)
    {
        output.Write("{\"tokens\":["u8);
        WriteList(output, tokens, static (o, t) => o.WriteJsonString(TextOf(t.Bytes, "bytes:")));
        output.Write("],\"token_logprobs\":["u8);
        WriteList(output, tokens, static (o, t) =>
        {
            if (t.HasLogprob)
                WriteLogprob(o, t.Logprob);
            else
                o.Write("null"u8);
        });
        output.Write("],\"top_logprobs\":"u8);
        if (topMax == 0)
        {
            output.Write("null"u8);
        }
        else
        {
            output.Write("["u8);
            WriteList(output, tokens, (o, t) => WriteAlternatives(o, t, topMax));
            output.Write("]"u8);
        }

        output.Write(",\"text_offset\":["u8);
        var left = prompt;
        WriteList(output, tokens, (o, t) =>
        {
            if (left-- == 0)
                places.EndPrompt();
            o.WriteJsonNumber(places.Next(t));
        });
        output.Write("]}"u8);
    }

    /// <summary>A prompt's tokens, as vLLM lists them: null for the first, then by its id each token and the likeliest in its place.</summary>
    public static void WritePrompt(IBufferWriter<byte> output, IReadOnlyList<TokenOutput> tokens, uint topMax)
    {
        output.Write("["u8);
        WriteList(output, tokens, (o, t) =>
        {
            if (!t.HasLogprob)
            {
                o.Write("null"u8);
                return;
            }

            o.Write("{"u8);
            WriteRanked(o, t.Id, t.Logprob, t.Rank, t.Bytes);
            for (var i = 0; i < t.Top.Count && i < topMax; i++)
            {
                if (t.Top[i].Id == t.Id)
                    continue;
                o.Write(","u8);
                WriteRanked(o, t.Top[i].Id, t.Top[i].Logprob, (uint)i + 1, t.Top[i].Bytes);
            }

            o.Write("}"u8);
        });
        output.Write("]"u8);
    }

    private static void WriteRanked(IBufferWriter<byte> output, uint id, float logprob, uint rank, ByteString bytes)
    {
        output.Write("\""u8);
        output.WriteJsonNumber(id);
        output.Write("\":{\"logprob\":"u8);
        WriteLogprob(output, logprob);
        output.Write(",\"rank\":"u8);
        output.WriteJsonNumber(rank);
        output.Write(",\"decoded_token\":"u8);
        output.WriteJsonString(TextOf(bytes, ""));
        output.Write("}"u8);
    }

    private static void WriteList(IBufferWriter<byte> output, IReadOnlyList<TokenOutput> tokens, Action<IBufferWriter<byte>, TokenOutput> write)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            write(output, tokens[i]);
        }
    }

    private static void WriteAlternatives(IBufferWriter<byte> output, TokenOutput token, uint topMax)
    {
        if (!token.HasLogprob)
        {
            output.Write("null"u8);
            return;
        }

        // Two tokens may have one text, and a JSON object holds a key once: the more probable one comes first.
        var written = new List<string>();
        output.Write("{"u8);
        foreach (var alternative in token.Top.Take((int)topMax))
        {
            var text = TextOf(alternative.Bytes, "bytes:");
            if (written.Contains(text))
                continue;
            if (written.Count > 0)
                output.Write(","u8);
            written.Add(text);
            output.WriteJsonString(text);
            output.Write(":"u8);
            WriteLogprob(output, alternative.Logprob);
        }

        output.Write("}"u8);
    }

    private static void WriteChatToken(IBufferWriter<byte> output, ByteString bytes, float logprob)
    {
        output.Write("\"token\":"u8);
        output.WriteJsonString(TextOf(bytes, ""));
        output.Write(",\"logprob\":"u8);
        WriteLogprob(output, logprob);
        output.Write(",\"bytes\":["u8);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.WriteJsonNumber(bytes[i]);
        }

        output.Write("]"u8);
    }

    private static void WriteLogprob(IBufferWriter<byte> output, float value) => output.WriteJsonNumber(float.IsFinite(value) ? value : Impossible);

    // A token may end in the middle of a character; its bytes then stand as \xNN, as OpenAI shows them.
    private static string TextOf(ByteString bytes, string partialPrefix)
    {
        if (Utf8.IsValid(bytes.Span))
            return bytes.ToStringUtf8();
        var text = new StringBuilder(partialPrefix);
        foreach (var b in bytes.Span)
            text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return text.ToString();
    }
}
