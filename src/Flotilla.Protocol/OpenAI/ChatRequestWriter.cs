using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes a validated request as an OpenAI body again, for an OpenAI-compatible server behind a node and for our own command line.</summary>
public static class ChatRequestWriter
{
    // What this writer writes itself, or could: forwarded fields must not say it a second time.
    private static readonly FrozenSet<string> Own = FrozenSet.Create(
        "model", "messages", "prompt", "stream", "stream_options", "n", "best_of", "echo", "max_tokens", "max_completion_tokens", "stop", "seed",
        "logprobs", "top_logprobs", "prompt_logprobs", "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty",
        "logit_bias", "ignore_eos", "min_tokens", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "response_format", "reasoning_effort");

    /// <summary>The path under the server's base URL: <c>chat/completions</c> for a chat, else <c>completions</c>.</summary>
    public static string PathOf(TextRequest work) => work.InputCase == TextRequest.InputOneofCase.Chat ? "chat/completions" : "completions";

    /// <summary>Writes the body: streamed, with usage at the end.</summary>
    /// <param name="work">The request; its tools' parameters are JSON, and <see cref="TextRequest.Extra"/> is empty or a JSON object.</param>
    /// <param name="model">The model's name on that server.</param>
    /// <param name="seed">Left out where null; cut to 53 bits, which every JSON reader keeps.</param>
    /// <exception cref="JsonException">A schema or the extra fields are not JSON.</exception>
    public static byte[] Write(TextRequest work, string model, ulong? seed)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, UpstreamJson.Writing))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            if (work.InputCase == TextRequest.InputOneofCase.Chat)
                ChatBody.Write(json, work.Chat);
            else
                WritePrompts(json, work.Prompts);
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            WriteLimits(json, work, seed);
            WriteSampling(json, work.Sampling ?? new Sampling());
            ExtraFields.Write(json, work.Extra, Own);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WritePrompts(Utf8JsonWriter json, Prompts prompts)
    {
        json.WritePropertyName("prompt");
        if (prompts.Items.Count == 1)
        {
            WritePrompt(json, prompts.Items[0]);
            return;
        }

        json.WriteStartArray();
        foreach (var prompt in prompts.Items)
            WritePrompt(json, prompt);
        json.WriteEndArray();
    }

    private static void WritePrompt(Utf8JsonWriter json, Prompt prompt)
    {
        if (prompt.InputCase == Prompt.InputOneofCase.Text)
        {
            json.WriteStringValue(prompt.Text);
            return;
        }

        json.WriteStartArray();
        foreach (var id in prompt.TokenIds.Ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
    }

    private static void WriteLimits(Utf8JsonWriter json, TextRequest work, ulong? seed)
    {
        if (work.MaxTokens > 0 || work.Prompts is not null)
            json.WriteNumber("max_tokens", work.MaxTokens);
        if (work.Choices > 1)
            json.WriteNumber("n", work.Choices);
        if (seed is { } given)
            json.WriteNumber("seed", given & CanonicalJson.IntegerMax);
        if (work.IgnoreEos)
            json.WriteBoolean("ignore_eos", true);
        if (work.MinTokens > 0)
            json.WriteNumber("min_tokens", work.MinTokens);
        if (work.Stop.Count > 0)
        {
            json.WriteStartArray("stop");
            foreach (var stop in work.Stop)
                json.WriteStringValue(stop);
            json.WriteEndArray();
        }

        if (!work.HasTopLogprobs)
            return;
        if (work.InputCase == TextRequest.InputOneofCase.Chat)
        {
            json.WriteBoolean("logprobs", true);
            json.WriteNumber("top_logprobs", work.TopLogprobs);
        }
        else
        {
            json.WriteNumber("logprobs", work.TopLogprobs);
        }
    }

    private static void WriteSampling(Utf8JsonWriter json, Sampling sampling)
    {
        WriteNumber(json, "temperature", sampling.HasTemperature, sampling.Temperature);
        WriteNumber(json, "top_p", sampling.HasTopP, sampling.TopP);
        if (sampling.HasTopK && sampling.TopK > 0)
            json.WriteNumber("top_k", sampling.TopK);
        WriteNumber(json, "min_p", sampling.HasMinP, sampling.MinP);
        WriteNumber(json, "presence_penalty", sampling.HasPresencePenalty, sampling.PresencePenalty);
        WriteNumber(json, "frequency_penalty", sampling.HasFrequencyPenalty, sampling.FrequencyPenalty);
        WriteNumber(json, "repetition_penalty", sampling.HasRepetitionPenalty, sampling.RepetitionPenalty);
        if (sampling.LogitBias.Count == 0)
            return;
        json.WriteStartObject("logit_bias");
        foreach (var (token, bias) in sampling.LogitBias)
            json.WriteNumber(token.ToString(CultureInfo.InvariantCulture), bias);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, bool given, float value)
    {
        if (given)
            json.WriteNumber(name, value);
    }
}
