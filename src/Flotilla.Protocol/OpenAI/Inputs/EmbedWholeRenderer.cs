using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Embeddings as OpenAI's list: numbers, or base64 of the link's own bytes.</summary>
internal sealed class EmbedWholeRenderer(EmbedInference request, AnswerHead head) : IWholeRenderer
{
    private readonly ByteString[] _vectors = new ByteString[request.Work.Inputs.Count];

    /// <inheritdoc />
    public long SizeOf(Event item) => item.BodyCase == Event.BodyOneofCase.Vector && request.Base64 ? RenderedSize.OfBase64(item.Vector) : RenderedSize.Of(item);

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Vector)
            _vectors[item.Choice] = item.Vector.Values;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        output.Write("{\"object\":\"list\",\"data\":["u8);
        for (var i = 0; i < _vectors.Length; i++)
        {
            output.Write(i == 0 ? "{\"object\":\"embedding\",\"index\":"u8 : ",{\"object\":\"embedding\",\"index\":"u8);
            output.WriteJsonNumber(i);
            output.Write(",\"embedding\":"u8);
            Write(_vectors[i].Span, output);
            output.Write("}"u8);
        }

        output.Write("],\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"usage\":"u8);
        InputUsage.Write(output, usage);
        output.Write("}"u8);
    }

    private void Write(ReadOnlySpan<byte> vector, IBufferWriter<byte> output)
    {
        if (request.Base64)
        {
            output.Write("\""u8);
            var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(vector.Length));
            Base64.EncodeToUtf8(vector, span, out _, out var written);
            output.Advance(written);
            output.Write("\""u8);
            return;
        }

        output.Write("["u8);
        for (var at = 0; at < vector.Length; at += sizeof(float))
        {
            if (at > 0)
                output.Write(","u8);
            output.WriteJsonNumber(BinaryPrimitives.ReadSingleLittleEndian(vector[at..]));
        }

        output.Write("]"u8);
    }
}
