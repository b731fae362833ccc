using System.Buffers;
using System.Text;
using Flotilla.Core;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ModelListTests
{
    [Fact]
    public void WriteList_TwoModels_IsExactlyThis()
    {
        var output = new ArrayBufferWriter<byte>();
        ModelListWriter.WriteList([new("demo", 5, "flotilla", ["gpt-4o-mini"], 2048, ["chat", "tool_use"]), new("b", 6, "o", [], 0, [])], output);
        Assert.Equal(
            """{"object":"list","data":[{"id":"demo","object":"model","created":5,"owned_by":"flotilla","aliases":["gpt-4o-mini"],"context_window":2048,"capabilities":["chat","tool_use"]},""" +
            """{"id":"b","object":"model","created":6,"owned_by":"o","aliases":[],"capabilities":[]}]}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void WriteOne_WithDecentral_HasItsObject()
    {
        var output = new ArrayBufferWriter<byte>();
        ModelListWriter.WriteOne(
            new("demo", 5, "flotilla", [], 2048, [], new DecentralModel(2, new Credits(8_000_000), new Credits(12_500), 37, "lite", "4M")), output);
        Assert.Equal(
            """{"id":"demo","object":"model","created":5,"owned_by":"flotilla","aliases":[],"context_window":2048,"capabilities":[],"decentral":{"active_workers":2,"context_window":2048,"credits_per_request":8,"credits_per_1k_tokens":0.0125,"median_latency_ms":37,"tier":"lite","parameters":"4M"}}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void WriteOne_PriceOfWhatIsNoText_NamesWhatItCounts()
    {
        var output = new ArrayBufferWriter<byte>();
        ModelListWriter.WriteOne(new("demo", 5, "flotilla", [], 0, [], new DecentralModel(1, null, new Credits(12_500), Unit: "audio seconds")), output);
        Assert.EndsWith(""","decentral":{"active_workers":1,"credits_per_1k_audio_seconds":0.0125}}""", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void WriteOne_UnknownValues_AreLeftOut()
    {
        var output = new ArrayBufferWriter<byte>();
        ModelListWriter.WriteOne(new("demo", 5, "flotilla", [], 0, [], new DecentralModel(1)), output);
        Assert.EndsWith(""","decentral":{"active_workers":1}}""", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }
}
