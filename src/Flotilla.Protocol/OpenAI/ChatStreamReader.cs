using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Turns the chunks of an OpenAI-compatible server, chat or completions, into typed events. Not thread-safe: one answer, one reader.</summary>
/// <remarks>Missing fields are forgiven, because servers differ; sizes and indexes are not.</remarks>
public sealed class ChatStreamReader
{
    private readonly ChoiceState[] _choices;

    /// <summary>Makes a reader.</summary>
    /// <param name="choicesTotal">Choices over all prompts that were asked for; a chunk for another one is malformed.</param>
    public ChatStreamReader(int choicesTotal)
    {
        _choices = new ChoiceState[choicesTotal];
        for (var i = 0; i < choicesTotal; i++)
            _choices[i] = new ChoiceState((uint)i);
    }

    /// <summary>The last usage that came, or null.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>The error, after <see cref="ChatStreamResult.Error"/>.</summary>
    public UpstreamError? Error { get; private set; }

    /// <summary>Tokens that the events so far account for: the upstream's own count where it tells its tokens, else one per piece of text.</summary>
    public long TokensCounted { get; private set; }

    /// <summary>Whether the upstream has named a reason for the end of every choice.</summary>
    public bool AllChoicesDone => Array.TrueForAll(_choices, c => c.Done);

    /// <summary>Reads one event's data.</summary>
    /// <param name="data">A JSON object, or <c>[DONE]</c>.</param>
    /// <param name="events">Gets what the chunk says; each is small enough for a frame of the link. After Malformed, what came before the fault.</param>
    public ChatStreamResult Read(ReadOnlyMemory<byte> data, ICollection<Event> events)
    {
        if (data.Span.Trim((byte)' ').SequenceEqual("[DONE]"u8))
            return ChatStreamResult.Done;
        if (data.Length > OpenAiLimits.UpstreamEventBytesMax || JsonBody.TryParse(data, out var document) is not null)
            return ChatStreamResult.Malformed;
        using (document)
        {
            var chunk = document.RootElement;
            if (UpstreamError.TryRead(chunk, out var error))
            {
                Error = error;
                return ChatStreamResult.Error;
            }

            if (FieldReader.TryMember(chunk, "usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
                Usage = ReadUsage(usage);
            if (!FieldReader.TryMember(chunk, "choices", out var choices))
                return ChatStreamResult.Chunk;
            return choices.ValueKind == JsonValueKind.Array && choices.EnumerateArray().All(c => TryReadChoice(c, events))
                ? ChatStreamResult.Chunk
                : ChatStreamResult.Malformed;
        }
    }

    private bool TryReadChoice(JsonElement choice, ICollection<Event> events)
    {
        if (choice.ValueKind != JsonValueKind.Object)
            return false;
        var index = FieldReader.TryMember(choice, "index", out var given) ? UpstreamJson.Count(given) : 0;
        if (index >= _choices.Length)
            return false;
        var state = _choices[index];
        // Some servers send one more chunk after the end, with nothing in it or the end again.
        if (state.Done)
            return true;
        var tokens = FieldReader.TryMember(choice, "logprobs", out var logprobs) ? UpstreamTokens.Read(logprobs) : [];
        var piece = FieldReader.TryMember(choice, "delta", out var delta) || FieldReader.TryMember(choice, "message", out delta) ? delta : choice;
        if (piece.ValueKind != JsonValueKind.Object)
            return false;
        AddText(events, state, UpstreamJson.Text(piece, "reasoning_content") ?? UpstreamJson.Text(piece, "reasoning"), [], reasoning: true);
        if (!AddText(events, state, UpstreamJson.Text(piece, "content") ?? UpstreamJson.Text(choice, "text"), tokens, reasoning: false))
            return false;
        if (FieldReader.TryMember(piece, "tool_calls", out var calls) && !TryReadCalls(calls, state, events))
            return false;
        if (UpstreamJson.Text(choice, "finish_reason") is not { Length: > 0 } reason)
            return true;
        state.Done = true;
        events.Add(new Event { Choice = state.Index, ChoiceDone = new ChoiceDone { Finish = FinishOf(reason), Stop = StopOf(choice) } });
        return true;
    }

    // vLLM's field: the stop text, or the id of a token.
    private static string StopOf(JsonElement choice) => UpstreamJson.Text(choice, "stop_reason") is { Length: <= OpenAiLimits.StopCharsMax } stop ? stop : "";

    private bool AddText(ICollection<Event> events, ChoiceState state, string? text, List<TokenOutput> tokens, bool reasoning)
    {
        text ??= "";
        if (text.Length == 0 && tokens.Count == 0)
            return true;
        var first = true;
        foreach (var piece in UpstreamJson.Pieces(text))
        {
            var body = new Text { Text_ = piece };
            var item = reasoning ? new Event { Choice = state.Index, Reasoning = body } : new Event { Choice = state.Index, Text = body };
            if (first)
            {
                item.TokenCount = (uint)Math.Max(1, tokens.Count);
                item.Tokens.AddRange(tokens);
                TokensCounted += item.TokenCount;
                if (tokens.Count > 0 && item.CalculateSize() > OpenAiLimits.UpstreamItemBytesMax)
                    return false;
            }

            first = false;
            events.Add(item);
        }

        return true;
    }

    private bool TryReadCalls(JsonElement calls, ChoiceState state, ICollection<Event> events)
    {
        if (calls.ValueKind != JsonValueKind.Array)
            return false;
        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind != JsonValueKind.Object)
                return false;
            FieldReader.TryMember(call, "function", out var function);
            if (function.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
                return false;
            var id = UpstreamJson.Text(call, "id") ?? "";
            var name = UpstreamJson.Text(function, "name") ?? "";
            var index = FieldReader.TryMember(call, "index", out var given) ? UpstreamJson.Count(given) : state.IndexOfUnnumbered(id, name);
            if (index >= OpenAiLimits.ToolsMax || id.Length > OpenAiLimits.CalledNameCharsMax || name.Length > OpenAiLimits.CalledNameCharsMax)
                return false;
            if (!AddCall(events, state, (uint)index, id, name, UpstreamJson.Text(function, "arguments") ?? ""))
                return false;
        }

        return true;
    }

    private bool AddCall(ICollection<Event> events, ChoiceState state, uint index, string id, string name, string arguments)
    {
        var call = state.Call(index);
        var first = !call.Named;
        if (first)
        {
            call.Id = id.Length > 0 ? id : call.Id;
            arguments = call.Early + arguments;
            call.Early = name.Length > 0 ? "" : arguments;
            // The name belongs to the first event of a call; until it comes there is nothing to tell.
            if (name.Length == 0)
                return arguments.Length <= UpstreamJson.PieceCharsMax;
            call.Named = true;
        }
        else if (arguments.Length == 0)
        {
            return true;
        }

        foreach (var piece in UpstreamJson.Pieces(arguments))
        {
            var delta = new ToolCallDelta { Index = index, Arguments = piece };
            var item = new Event { Choice = state.Index, ToolCall = delta };
            if (first)
            {
                delta.Id = call.Id;
                delta.Name = name;
                item.TokenCount = 1;
                TokensCounted++;
            }

            first = false;
            events.Add(item);
        }

        return true;
    }

    private static Usage ReadUsage(JsonElement usage) => new()
    {
        PromptTokens = UpstreamJson.CountOf(usage, "prompt_tokens"),
        CompletionTokens = UpstreamJson.CountOf(usage, "completion_tokens"),
        CachedTokens = FieldReader.TryMember(usage, "prompt_tokens_details", out var prompt) ? UpstreamJson.CountOf(prompt, "cached_tokens") : 0,
        ReasoningTokens = FieldReader.TryMember(usage, "completion_tokens_details", out var completion) ? UpstreamJson.CountOf(completion, "reasoning_tokens") : 0,
    };

    private static ChoiceDone.Types.Finish FinishOf(string reason) => reason switch
    {
        "length" => ChoiceDone.Types.Finish.Length,
        "tool_calls" or "function_call" => ChoiceDone.Types.Finish.ToolCalls,
        "content_filter" => ChoiceDone.Types.Finish.ContentFilter,
        // Servers have more words for an end that the model chose (eos, stop_sequence, end_turn).
        _ => ChoiceDone.Types.Finish.Stop,
    };

    private sealed class ChoiceState(uint index)
    {
        private readonly SortedDictionary<uint, CallState> _calls = [];
        private uint _last;

        public uint Index => index;

        public bool Done { get; set; }

        public CallState Call(uint callIndex)
        {
            _last = callIndex;
            if (!_calls.TryGetValue(callIndex, out var call))
                _calls.Add(callIndex, call = new CallState());
            return call;
        }

        // A server that does not number its calls sends each whole, or its pieces one after another.
        public long IndexOfUnnumbered(string id, string name) => id.Length + name.Length > 0 ? _calls.Count : _last;
    }

    private sealed class CallState
    {
        public string Id { get; set; } = "";

        public string Early { get; set; } = "";

        public bool Named { get; set; }
    }
}
