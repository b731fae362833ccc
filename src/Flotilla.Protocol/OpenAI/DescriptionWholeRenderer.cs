using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What a model says of a picture or a video, once for each choice. What it thinks before that is no part of a description.</summary>
internal sealed class DescriptionWholeRenderer : IWholeRenderer
{
    private readonly AnswerHead _head;
    private readonly StringBuilder[] _texts;
    private readonly ChoiceDone.Types.Finish[] _ends;

    public DescriptionWholeRenderer(TextInference request, AnswerHead head)
    {
        _head = head;
        _texts = [.. Enumerable.Range(0, request.ChoicesTotal).Select(_ => new StringBuilder())];
        _ends = new ChoiceDone.Types.Finish[request.ChoicesTotal];
    }

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Text)
            _texts[item.Choice].Append(item.Text.Text_);
        else if (item.BodyCase == Event.BodyOneofCase.ChoiceDone)
            _ends[item.Choice] = item.ChoiceDone.Finish;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        output.Write("{\"created\":"u8);
        output.WriteJsonNumber(_head.Created);
        output.Write(",\"model\":"u8);
        output.WriteJsonString(_head.Model);
        output.Write(",\"data\":["u8);
        for (var i = 0; i < _texts.Length; i++)
        {
            output.Write(i == 0 ? "{\"description\":"u8 : ",{\"description\":"u8);
            output.WriteJsonString(_texts[i].ToString());
            output.Write(",\"finish_reason\":"u8);
            output.Write(AnswerOut.FinishText(_ends[i]));
            output.Write("}"u8);
        }

        output.Write("],\"usage\":"u8);
        AnswerOut.WriteUsage(output, usage);
        if (_head.Frames is { } frames)
        {
            output.Write(",\"frames\":{\"count\":"u8);
            output.WriteJsonNumber(frames.Count);
            output.Write(",\"model\":"u8);
            output.WriteJsonString(frames.Model);
            output.Write(",\"job_id\":"u8);
            output.WriteJsonString(frames.JobId);
            output.Write("}"u8);
        }

        output.Write("}"u8);
    }
}
