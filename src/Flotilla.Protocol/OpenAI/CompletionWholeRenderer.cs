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

    public CompletionWholeRenderer(TextInference request, AnswerHead head)
    {
        _request = request;
        _head = head;
        _choices = new Choice[request.ChoicesTotal];
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
            case not Event.BodyOneofCase.None:
                return;
        }

        if (_request.Work.HasTopLogprobs)
            choice.Tokens.AddRange(item.Tokens.Where(t => t.HasLogprob));
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        AnswerOut.WriteHead(output, _head, "text_completion"u8);
        for (var i = 0; i < _choices.Length; i++)
        {
            output.Write(i == 0 ? "{\"text\":"u8 : ",{\"text\":"u8);
            output.WriteJsonString(_choices[i].Text.ToString());
            output.Write(",\"index\":"u8);
            output.WriteJsonNumber(i);
            AnswerOut.WriteChoiceModel(output, _head, i);
            output.Write(",\"logprobs\":"u8);
            if (_choices[i].Tokens.Count > 0)
                LogprobsOut.WriteCompletion(output, _choices[i].Tokens, _request.Work.TopLogprobs, offset: 0);
            else
                output.Write("null"u8);
            output.Write(",\"finish_reason\":"u8);
            AnswerOut.WriteFinish(output, _head, i, _choices[i].Finish);
            output.Write("}"u8);
        }

        output.Write("],\"usage\":"u8);
        AnswerOut.WriteUsage(output, usage);
        _head.Ensemble?.WriteReport(output);
        output.Write("}"u8);
    }

    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public List<TokenOutput> Tokens { get; } = [];

        public ChoiceDone.Types.Finish Finish { get; set; }
    }
}
