using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>The most relevant documents first; of equals the earlier.</summary>
internal sealed class RerankWholeRenderer(RerankInference request, AnswerHead head) : IWholeRenderer
{
    private readonly float[] _scores = new float[request.Work.Documents.Count];

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Score)
            _scores[item.Choice] = item.Score.Relevance;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(head.Id);
        output.Write(",\"object\":\"list\",\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"results\":["u8);
        var isFirst = true;
        foreach (var index in Enumerable.Range(0, _scores.Length).OrderByDescending(i => _scores[i]).ThenBy(i => i).Take(request.Top))
        {
            output.Write(isFirst ? "{\"index\":"u8 : ",{\"index\":"u8);
            isFirst = false;
            output.WriteJsonNumber(index);
            output.Write(",\"relevance_score\":"u8);
            output.WriteJsonNumber(_scores[index]);
            if (request.ReturnDocuments)
            {
                output.Write(",\"document\":{\"text\":"u8);
                output.WriteJsonString(request.Work.Documents[index]);
                output.Write("}"u8);
            }

            output.Write("}"u8);
        }

        output.Write("],\"usage\":"u8);
        InputUsage.Write(output, usage);
        output.Write("}"u8);
    }
}
