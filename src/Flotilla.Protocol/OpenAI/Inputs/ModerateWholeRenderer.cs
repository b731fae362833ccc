using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Moderations in OpenAI's shape: a result for each input, with all thirteen categories.</summary>
internal sealed class ModerateWholeRenderer(ModerateInference request, AnswerHead head) : IWholeRenderer
{
    private readonly Verdict[] _verdicts = new Verdict[request.Work.Inputs.Count];

    /// <summary>Writes one answer.</summary>
    /// <param name="head">What every answer has.</param>
    /// <param name="verdicts">One for each input.</param>
    /// <param name="withImages">Whether images were looked at beside the text.</param>
    /// <param name="output">Takes the JSON.</param>
    public static void Write(AnswerHead head, IReadOnlyList<Verdict> verdicts, bool withImages, IBufferWriter<byte> output)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(head.Id);
        output.Write(",\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"results\":["u8);
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Write(verdicts[i], withImages, output);
        }

        output.Write("]}"u8);
    }

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Verdict)
            _verdicts[item.Choice] = item.Verdict;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output) => Write(head, _verdicts, request.Work.Images.Count > 0, output);

    private static void Write(Verdict verdict, bool withImages, IBufferWriter<byte> output)
    {
        output.Write("{\"flagged\":"u8);
        output.Write(verdict.Flagged ? "true"u8 : "false"u8);
        output.Write(",\"categories\":{"u8);
        for (var i = 0; i < ModerationCategories.Count; i++)
        {
            Name(i, output);
            output.Write((verdict.Categories >> i & 1) != 0 ? "true"u8 : "false"u8);
        }

        output.Write("},\"category_scores\":{"u8);
        for (var i = 0; i < ModerationCategories.Count; i++)
        {
            Name(i, output);
            output.WriteJsonNumber(verdict.Scores[i]);
        }

        output.Write("},\"category_applied_input_types\":{"u8);
        for (var i = 0; i < ModerationCategories.Count; i++)
        {
            Name(i, output);
            output.Write(withImages ? "[\"text\",\"image\"]"u8 : "[\"text\"]"u8);
        }

        output.Write("}}"u8);
    }

    private static void Name(int index, IBufferWriter<byte> output)
    {
        if (index > 0)
            output.Write(","u8);
        output.WriteJsonString(ModerationCategories.Names[index]);
        output.Write(":"u8);
    }
}
