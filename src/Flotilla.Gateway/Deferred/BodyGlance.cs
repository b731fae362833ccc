using System.Buffers;
using System.Text.Json;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Deferred;

/// <summary>What a deferral must know of a JSON body before anybody reads it in earnest: the model, and <c>"mode":"polling"</c>.</summary>
/// <param name="Model">The body's <c>model</c>, where that is a string no longer than a name may be.</param>
/// <param name="Polling">Where in the body the member <c>"mode":"polling"</c> stands, with its comma; null where there is none.</param>
/// <param name="Streams">Whether it says <c>"stream":true</c>.</param>
/// <param name="HasMore">Whether it names further models, in <c>models</c>.</param>
internal readonly record struct BodyGlance(string? Model, Range? Polling, bool Streams, bool HasMore)
{
    /// <summary>Whether a body could say <c>"mode"</c> at all; cheap, for the many that don't.</summary>
    public static bool MayPoll(ReadOnlySequence<byte> body) =>
        body.IsSingleSegment ? body.FirstSpan.IndexOf("\"mode\""u8) >= 0 : new SequenceReader<byte>(body).TryReadTo(out ReadOnlySequence<byte> _, "\"mode\""u8);

    /// <summary>Looks at the members of the outermost object. A body that is no JSON has neither; its reader says so later.</summary>
    public static BodyGlance At(ReadOnlySpan<byte> body)
    {
        string? model = null;
        Range? polling = null;
        var (streams, hasMore) = (false, false);
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return default;
            var isFirst = true;
            var end = (int)reader.BytesConsumed;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                var (isModel, isMode, isStream) = (reader.ValueTextEquals("model"u8), reader.ValueTextEquals("mode"u8), reader.ValueTextEquals("stream"u8));
                var isModels = reader.ValueTextEquals("models"u8);
                if (!reader.Read())
                    break;
                hasMore |= isModels && reader.TokenType == JsonTokenType.StartArray;
                streams |= isStream && reader.TokenType == JsonTokenType.True;
                if (isModel)
                    model = NameIn(reader);
                var polls = isMode && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("polling"u8);
                reader.Skip();
                if (polls)
                    polling = isFirst ? start..AfterComma(body, (int)reader.BytesConsumed) : end..(int)reader.BytesConsumed;
                (isFirst, end) = (false, (int)reader.BytesConsumed);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair is no text; the endpoint's reader words what is wrong with the body.
            return default;
        }

        return new BodyGlance(model, polling, streams, hasMore);
    }

    /// <summary>The body without the member, which is meant for the gateway and not for a model.</summary>
    public byte[] Without(byte[] body) => Polling is { } cut ? [.. body.AsSpan(0, cut.Start.Value), .. body.AsSpan(cut.End.Value)] : body;

    /// <summary>The name at the reader; a longer one is kept by nobody, and the endpoint's reader refuses it.</summary>
    private static string? NameIn(in Utf8JsonReader reader)
    {
        const int EscapedCharBytes = 6;
        return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= OpenAiLimits.ModelCharsMax * EscapedCharBytes
            && reader.GetString() is { Length: <= OpenAiLimits.ModelCharsMax } name
            ? name
            : null;
    }

    private static int AfterComma(ReadOnlySpan<byte> body, int at)
    {
        var next = at + body[at..].IndexOfAnyExcept(" \t\r\n"u8);
        return next >= at && body[next] == (byte)',' ? next + 1 : at;
    }
}
