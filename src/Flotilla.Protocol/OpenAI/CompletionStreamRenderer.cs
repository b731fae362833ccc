using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Chunks of completions. Reasoning, where a runtime tells it apart, is part of the text: the endpoint knows one kind.</summary>
internal sealed class CompletionStreamRenderer : StreamRenderer
{
    private readonly AnswerHead _head;
    private readonly byte[] _open;
    private readonly Choice?[] _choices;
    private readonly bool _logprobs;
    private readonly int[] _prompted;

    public CompletionStreamRenderer(TextInference request, AnswerHead head)
        : base(request, head, AnswerOut.ChunkHead(head, "text_completion"u8))
    {
        _head = head;
        _open = [.. Head, .. "{\"text\":\""u8];
        _choices = new Choice?[request.ChoicesTotal];
        _prompted = new int[request.ChoicesTotal];
        _logprobs = request.Work.HasTopLogprobs;
    }

    /// <inheritdoc />
    public override void Write(Event item, IBufferWriter<byte> output)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                WriteText(item, item.Text.Text_, output);
                break;
            case Event.BodyOneofCase.Reasoning:
                WriteText(item, item.Reasoning.Text_, output);
                break;
            case Event.BodyOneofCase.None:
                WriteText(item, "", output);
                break;
            case Event.BodyOneofCase.PromptTokens when Request.Echo && (_logprobs || PromptText.Of(Request, item.Choice) is null):
                WritePrompt(item, output);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                WriteFinish(item.Choice, item.ChoiceDone.Finish, output);
                break;
        }
    }

    /// <inheritdoc />
    protected override ReadOnlySpan<byte> Broken => ",\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"error\"}"u8;

    /// <inheritdoc />
    protected override bool IsDone(int choice) => _choices[choice] is { Done: true };

    private void WriteText(Event item, string text, IBufferWriter<byte> output)
    {
        var logprobs = _logprobs && LogprobsOut.Any(item.Tokens);
        if (text.Length == 0 && !logprobs)
            return;
        var choice = Begin(item.Choice, output);
        output.Write(_open);
        output.WriteJsonText(choice.EndPrompt() + text);
        if (!logprobs)
        {
            output.Write(choice.Plain);
            return;
        }

        WriteTokens(choice, [.. item.Tokens.Where(t => t.HasLogprob)], prompt: 0, output);
    }

    /// <summary>The text of the prompt is there already, but for one that was given as token ids; its tokens follow, in each of its choices.</summary>
    private void WritePrompt(Event item, IBufferWriter<byte> output)
    {
        var fresh = PromptTokenList.NewOf(item.PromptTokens, _prompted[item.Choice]);
        _prompted[item.Choice] += fresh.Count;
        for (var index = item.Choice; fresh.Count > 0 && index < item.Choice + Request.Work.Choices; index++)
        {
            var choice = Begin(index, output);
            output.Write(_open);
            output.WriteJsonText(choice.Decode(fresh));
            if (_logprobs)
                WriteTokens(choice, fresh, fresh.Count, output);
            else
                output.Write(choice.Plain);
        }
    }

    private void WriteTokens(Choice choice, IReadOnlyList<TokenOutput> tokens, int prompt, IBufferWriter<byte> output)
    {
        output.Write(choice.Index);
        LogprobsOut.WriteCompletion(output, tokens, Request.Work.TopLogprobs, choice.Places, prompt);
        output.Write(",\"finish_reason\":null}"u8);
        output.Write(AnswerOut.ChunkTail(Request.IncludeUsage));
    }

    /// <inheritdoc />
    protected override void WriteFinish(uint index, ChoiceDone.Types.Finish finish, IBufferWriter<byte> output)
    {
        var choice = Begin(index, output);
        choice.Done = true;
        output.Write(_open);
        output.WriteJsonText(choice.EndPrompt());
        output.Write(choice.Index);
        output.Write("null,\"finish_reason\":"u8);
        AnswerOut.WriteFinish(output, _head, (int)index, finish);
        output.Write("}"u8);
        output.Write(AnswerOut.ChunkTail(Request.IncludeUsage));
    }

    private Choice Begin(uint index, IBufferWriter<byte> output)
    {
        if (_choices[index] is { } begun)
            return begun;
        var choice = new Choice(index, _head, Request);
        _choices[index] = choice;
        if (!Request.Echo || PromptText.Of(Request, index) is not { } prompt)
            return choice;
        output.Write(_open);
        output.WriteJsonText(prompt);
        output.Write(choice.Plain);
        return choice;
    }

    private sealed class Choice
    {
        // Of a prompt that was given as token ids: characters may be cut between what is told at once.
        private readonly Decoder? _prompt;

        public Choice(uint index, AnswerHead head, TextInference request)
        {
            var prompt = request.Echo ? PromptText.Of(request, index) : null;
            _prompt = request.Echo && prompt is null ? Encoding.UTF8.GetDecoder() : null;
            Places = new TextPlaces(prompt);
            var bytes = new ArrayBufferWriter<byte>(96);
            bytes.Write("\",\"index\":"u8);
            bytes.WriteJsonNumber(index);
            AnswerOut.WriteChoiceModel(bytes, head, (int)index);
            bytes.Write(",\"logprobs\":"u8);
            Index = bytes.WrittenSpan.ToArray();
            bytes.Write("null,\"finish_reason\":null}"u8);
            bytes.Write(AnswerOut.ChunkTail(request.IncludeUsage));
            Plain = bytes.WrittenSpan.ToArray();
        }

        /// <summary>From the end of the text to the value of logprobs.</summary>
        public byte[] Index { get; }

        /// <summary>From the end of the text to the end of a chunk without logprobs.</summary>
        public byte[] Plain { get; }

        /// <summary>Where the tokens stand in the text.</summary>
        public TextPlaces Places { get; }

        public bool Done { get; set; }

        /// <summary>What more of the prompt's tokens say, where nothing said it before.</summary>
        public string Decode(IReadOnlyList<TokenOutput> tokens) => Decode([.. tokens.SelectMany(t => t.Bytes)], flush: false);

        /// <summary>What is left of a character that the prompt does not complete.</summary>
        public string EndPrompt() => Decode([], flush: true);

        private string Decode(byte[] bytes, bool flush)
        {
            var characters = new char[_prompt?.GetCharCount(bytes, flush) ?? 0];
            _prompt?.GetChars(bytes, characters, flush);
            return new string(characters);
        }
    }
}
