using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Answers;

/// <summary>Which choices of a text have not ended, so that an answer that has become as long as one may be can be ended there.</summary>
internal sealed class OpenChoices(InferenceRequest request)
{
    private readonly bool[] _ended = new bool[(request as TextInference)?.ChoicesTotal ?? 0];

    /// <summary>Whether the answer can be ended early at all: what is no text is worth nothing in part.</summary>
    public bool CanEnd => _ended.Length > 0;

    /// <summary>Takes in an event.</summary>
    public void See(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.ChoiceDone && CanEnd)
            _ended[item.Choice] = true;
    }

    /// <summary>Forgets what it saw.</summary>
    public void Clear() => Array.Clear(_ended);

    /// <summary>The events that end what is open, as a limit of its length ends it.</summary>
    public IReadOnlyList<Event> Ends() =>
        [.. _ended.Index().Where(c => !c.Item).Select(c => new Event { Choice = (uint)c.Index, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Length } })];
}
