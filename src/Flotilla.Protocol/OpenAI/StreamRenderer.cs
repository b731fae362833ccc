using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.OpenAI;

/// <summary>How every streamed answer ends, whatever its chunks look like.</summary>
/// <param name="request">What was asked.</param>
/// <param name="answer">What is the same in every chunk.</param>
/// <param name="head">The bytes with which every chunk begins.</param>
internal abstract class StreamRenderer(TextInference request, AnswerHead answer, byte[] head) : IStreamRenderer
{
    /// <summary>What was asked.</summary>
    protected TextInference Request { get; } = request;

    /// <summary>The bytes with which every chunk begins.</summary>
    protected byte[] Head { get; } = head;

    /// <inheritdoc />
    public abstract void Write(Event item, IBufferWriter<byte> output);

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        for (var i = 0; i < Request.ChoicesTotal; i++)
        {
            if (!IsDone(i))
                WriteFinish((uint)i, ChoiceDone.Types.Finish.Stop, output);
        }

        if (Request.IncludeUsage)
            AnswerOut.WriteUsageChunk(output, Head, usage, answer.Ensemble);
        output.Write(SseFrame.Done);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output)
    {
        output.Write(Head);
        var first = true;
        for (var i = 0; i < Request.ChoicesTotal; i++)
        {
            if (IsDone(i))
                continue;
            output.Write(first ? "{\"index\":"u8 : ",{\"index\":"u8);
            output.WriteJsonNumber(i);
            output.Write(Broken);
            first = false;
        }

        output.Write("],"u8);
        error.WriteMember(output);
        output.Write("}"u8);
        output.Write(SseFrame.End);
    }

    /// <summary>A choice after its index that ends because the answer broke, in the words of its endpoint.</summary>
    protected abstract ReadOnlySpan<byte> Broken { get; }

    /// <summary>Whether the choice has had its last chunk.</summary>
    protected abstract bool IsDone(int choice);

    /// <summary>Writes the last chunk of a choice.</summary>
    protected abstract void WriteFinish(uint index, ChoiceDone.Types.Finish finish, IBufferWriter<byte> output);
}
