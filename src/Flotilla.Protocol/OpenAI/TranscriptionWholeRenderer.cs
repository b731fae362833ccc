using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes a transcript when it is whole, in the format that the request asked for.</summary>
internal sealed class TranscriptionWholeRenderer(TranscriptionInference request) : IWholeRenderer
{
    private readonly List<Segment> _segments = [];

    /// <inheritdoc />
    public string ContentType => request.Format switch
    {
        TranscriptFormat.Json or TranscriptFormat.VerboseJson => IWholeRenderer.Json,
        TranscriptFormat.Vtt => "text/vtt; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Segment)
            _segments.Add(item.Segment);
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        switch (request.Format)
        {
            case TranscriptFormat.Text:
                output.Write(Encoding.UTF8.GetBytes(TranscriptText.Plain(_segments) + "\n"));
                break;
            case TranscriptFormat.Srt:
                TranscriptText.WriteSrt(_segments, output);
                break;
            case TranscriptFormat.Vtt:
                TranscriptText.WriteVtt(_segments, output);
                break;
            case TranscriptFormat.VerboseJson:
                WriteVerbose(usage, output);
                break;
            default:
                output.Write("{\"text\":"u8);
                output.WriteJsonString(TranscriptText.Plain(_segments));
                output.Write(",\"usage\":"u8);
                WriteUsage(usage, output);
                output.Write("}"u8);
                break;
        }
    }

    /// <summary>The usage of sound: its seconds.</summary>
    internal static void WriteUsage(Usage usage, IBufferWriter<byte> output)
    {
        output.Write("{\"type\":\"duration\",\"seconds\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write("}"u8);
    }

    private void WriteVerbose(Usage usage, IBufferWriter<byte> output)
    {
        output.Write(request.Work.Translate ? "{\"task\":\"translate\",\"language\":"u8 : "{\"task\":\"transcribe\",\"language\":"u8);
        output.WriteJsonString(request.Work.Translate || request.Work.Language.Length == 0 ? "english" : request.Work.Language);
        output.Write(",\"duration\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write(",\"text\":"u8);
        output.WriteJsonString(TranscriptText.Plain(_segments));
        if (request.Segments)
            WriteSegments(output);
        if (request.Work.Words)
            WriteWords(output);
        output.Write(",\"usage\":"u8);
        WriteUsage(usage, output);
        output.Write("}"u8);
    }

    private void WriteSegments(IBufferWriter<byte> output)
    {
        output.Write(",\"segments\":["u8);
        for (var i = 0; i < _segments.Count; i++)
        {
            output.Write(i == 0 ? "{\"id\":"u8 : ",{\"id\":"u8);
            output.WriteJsonNumber(i);
            output.Write(",\"seek\":0,"u8);
            WriteTimes(_segments[i].StartMs, _segments[i].EndMs, output);
            output.Write(",\"text\":"u8);
            output.WriteJsonString(_segments[i].Text);
            // Runtimes that are no Whisper have none of these; the SDKs read them as numbers.
            output.Write(",\"tokens\":[],\"temperature\":"u8);
            output.WriteJsonNumber(request.Work.Temperature);
            output.Write(",\"avg_logprob\":0,\"compression_ratio\":0,\"no_speech_prob\":0}"u8);
        }

        output.Write("]"u8);
    }

    private void WriteWords(IBufferWriter<byte> output)
    {
        output.Write(",\"words\":["u8);
        var first = true;
        foreach (var word in _segments.SelectMany(s => s.Words))
        {
            output.Write(first ? "{\"word\":"u8 : ",{\"word\":"u8);
            first = false;
            output.WriteJsonString(word.Text);
            output.Write(","u8);
            WriteTimes(word.StartMs, word.EndMs, output);
            output.Write("}"u8);
        }

        output.Write("]"u8);
    }

    private static void WriteTimes(uint startMs, uint endMs, IBufferWriter<byte> output)
    {
        output.Write("\"start\":"u8);
        output.WriteJsonNumber(startMs / 1000f);
        output.Write(",\"end\":"u8);
        output.WriteJsonNumber(endMs / 1000f);
    }
}
