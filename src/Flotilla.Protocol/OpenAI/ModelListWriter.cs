using System.Buffers;
using System.Globalization;
using System.Text;
using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes the answers of <c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
public static class ModelListWriter
{
    /// <summary>Who owns every model of a Flotilla, as its lists say.</summary>
    public const string Owner = "flotilla";

    /// <summary>Writes <c>{"object":"list","data":[…]}</c>.</summary>
    public static void WriteList(IReadOnlyList<ModelRow> models, IBufferWriter<byte> output)
    {
        output.Write("{\"object\":\"list\",\"data\":["u8);
        for (var i = 0; i < models.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            WriteOne(models[i], output);
        }

        output.Write("]}"u8);
    }

    /// <summary>Writes one model object.</summary>
    public static void WriteOne(ModelRow model, IBufferWriter<byte> output)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(model.Id);
        output.Write(",\"object\":\"model\",\"created\":"u8);
        output.WriteJsonNumber(model.Created);
        output.Write(",\"owned_by\":"u8);
        output.WriteJsonString(model.OwnedBy);
        output.Write(",\"aliases\":"u8);
        WriteTexts(model.Aliases, output);
        if (model.ContextTokens > 0)
        {
            output.Write(",\"context_window\":"u8);
            output.WriteJsonNumber(model.ContextTokens);
        }

        output.Write(",\"capabilities\":"u8);
        WriteTexts(model.Capabilities, output);
        if (model.Deprecated)
            output.Write(",\"deprecated\":true"u8);
        WriteText(",\"shutdown_date\":"u8, model.ShutdownDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), output);
        if (model.Decentral is { } decentral)
            WriteDecentral(decentral, model.ContextTokens, output);
        output.Write("}"u8);
    }

    private static void WriteDecentral(DecentralModel model, uint contextTokens, IBufferWriter<byte> output)
    {
        output.Write(",\"decentral\":{\"active_workers\":"u8);
        output.WriteJsonNumber(model.ActiveWorkers);
        if (contextTokens > 0)
        {
            output.Write(",\"context_window\":"u8);
            output.WriteJsonNumber(contextTokens);
        }

        WriteCredits("credits_per_request", model.CreditsPerRequest, output);
        WriteCredits($"credits_per_1k_{model.Unit.Replace(' ', '_')}", model.CreditsPer1K, output);
        if (model.MedianLatencyMs is { } latency)
        {
            output.Write(",\"median_latency_ms\":"u8);
            output.WriteJsonNumber(latency);
        }

        WriteText(",\"tier\":"u8, model.Tier, output);
        WriteText(",\"parameters\":"u8, model.Parameters, output);
        output.Write("}"u8);
    }

    private static void WriteCredits(string name, Credits? value, IBufferWriter<byte> output)
    {
        if (value is not { } credits)
            return;
        output.Write(","u8);
        output.WriteJsonString(name);
        output.Write(":"u8);
        // The text form of an amount is a JSON number.
        output.Write(Encoding.ASCII.GetBytes(credits.ToString()));
    }

    private static void WriteText(ReadOnlySpan<byte> name, string? value, IBufferWriter<byte> output)
    {
        if (value is null)
            return;
        output.Write(name);
        output.WriteJsonString(value);
    }

    private static void WriteTexts(IReadOnlyList<string> values, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.WriteJsonString(values[i]);
        }

        output.Write("]"u8);
    }
}
