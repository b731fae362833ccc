using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Completions as one object. Reasoning, where a runtime tells it apart, is part of the text: the endpoint knows one kind.</summary>
internal sealed class CompletionWholeRenderer : IWholeRenderer
{
    private readonly TextInference _request;
    private readonly AnswerHead _head;
    private readonly Choice[] _choices;
    private readonly PromptTokenList[] _prompts;

    public CompletionWholeRenderer(TextInference request, AnswerHead head)
    {
        _request = request;
        _head = head;
        _choices = new Choice[request.ChoicesTotal];
        _prompts = [.. Enumerable.Range(0, request.ChoicesTotal / (int)request.Work.Choices).Select(_ => new PromptTokenList())];
        for (var i = 0; i < _choices.Length; i++)
        {
            _choices[i] = new Choice();
            if (request.Echo)
                _choices[i].Text.Append(PromptText.Of(request, (uint)i));
        }
    }

    /// <inheritdoc />
    public void Append(Event item)
    {
        var choice = _choices[item.Choice];
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                choice.Text.Append(item.Text.Text_);
                break;
            case Event.BodyOneofCase.Reasoning:
                choice.Text.Append(item.Reasoning.Text_);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                choice.Finish = item.ChoiceDone.Finish;
                return;
            case Event.BodyOneofCase.PromptTokens:
                PromptOf(item.Choice).Add(item.PromptTokens);
                return;
            case not Event.BodyOneofCase.None:
                return;
        }

        if (_request.Work.HasTopLogprobs)
            choice.Tokens.AddRange(item.Tokens.Where(t => t.HasLogprob));
    }

    /// <inheritdoc />
    /// <remarks>What is told of a prompt stands in each of its choices, perhaps in both shapes, and as text where token ids are echoed.</remarks>
    public long SizeOf(Event item)
    {
        if (item.BodyCase != Event.BodyOneofCase.PromptTokens)
            return RenderedSize.Of(item);
        var shapes = 1 + (_request.Echo && _request.PromptLogprobs is not null ? 1 : 0) + (IsTextTold(item.Choice) ? 1 : 0);
        return RenderedSize.Of(item) * _request.Work.Choices * shapes;
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        AnswerOut.WriteHead(output, _head, "text_completion"u8);
        for (var i = 0; i < _choices.Length; i++)
        {
            output.Write(i == 0 ? "{\"text\":"u8 : ",{\"text\":"u8);
            output.WriteJsonString((IsTextTold((uint)i) ? PromptOf((uint)i).Text : "") + _choices[i].Text);
            output.Write(",\"index\":"u8);
            output.WriteJsonNumber(i);
            AnswerOut.WriteChoiceModel(output, _head, i);
            output.Write(",\"logprobs\":"u8);
            WriteLogprobs(i, output);
            if (_request.PromptLogprobs is { } top)
            {
                output.Write(",\"prompt_logprobs\":"u8);
                LogprobsOut.WritePrompt(output, PromptOf((uint)i).Tokens, top);
            }

            output.Write(",\"finish_reason\":"u8);
            AnswerOut.WriteFinish(output, _head, i, _choices[i].Finish);
            output.Write("}"u8);
        }

        output.Write("],\"usage\":"u8);
        AnswerOut.WriteUsage(output, usage);
        _head.Ensemble?.WriteReport(output);
        output.Write("}"u8);
    }

    /// <summary>Whether a prompt is echoed whose text only its tokens tell.</summary>
    private bool IsTextTold(uint choice) => _request.Echo && PromptText.Of(_request, choice) is null;

    private PromptTokenList PromptOf(uint choice) => _prompts[choice / _request.Work.Choices];

    private void WriteLogprobs(int index, IBufferWriter<byte> output)
    {
        var places = new TextPlaces(_request.Echo ? PromptText.Of(_request, (uint)index) : null);
        IReadOnlyList<TokenOutput> prompt = _request.Echo && _request.Work.HasTopLogprobs ? PromptOf((uint)index).Tokens : [];
        if (prompt.Count + _choices[index].Tokens.Count == 0)
            output.Write("null"u8);
        else
            LogprobsOut.WriteCompletion(output, [.. prompt, .. _choices[index].Tokens], _request.Work.TopLogprobs, places, prompt.Count);
    }

    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public List<TokenOutput> Tokens { get; } = [];

        public ChoiceDone.Types.Finish Finish { get; set; }
    }
}
