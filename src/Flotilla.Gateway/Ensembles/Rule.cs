using Flotilla.Gateway.Answers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>How what several models say becomes one answer.</summary>
/// <param name="http">The client's request.</param>
/// <param name="parts">Opens the answer.</param>
/// <param name="strategy">Its name.</param>
internal abstract class Rule(HttpContext http, Parts parts, EnsembleStrategy strategy)
{
    /// <summary>The part whose job the response's headers name and whose end is the answer's; null where nobody answered.</summary>
    public Part? Primary { get; protected set; }

    /// <summary>The answer; null until somebody may speak.</summary>
    public IAnswer? Answer { get; private set; }

    /// <summary>What the answer shows of the models; null without one.</summary>
    public EnsembleAnswer? Shown { get; private set; }

    /// <summary>Takes what a part of a streamed request says while it runs, and answers whether the client has it; null keeps it to the end.</summary>
    public virtual Func<IReadOnlyList<Event>, CancellationToken, ValueTask<bool>>? OutletOf(Part part) => null;

    /// <summary>A part has stopped, whichever way; others may still run.</summary>
    public virtual void Ended(Part part)
    {
    }

    /// <summary>Whether the part has stopped for good and nobody will get more of it: its hold need not wait for the others.</summary>
    public virtual bool HasLost(Part part) => false;

    /// <summary>All have stopped, and whoever has not lost is not settled: names the <see cref="Primary"/> part and discards what nobody will get.</summary>
    /// <param name="left">Time that is left of the request's.</param>
    public abstract ValueTask DecideAsync(TimeSpan left);

    /// <summary>Gives the answer what is still kept for it; all parts are settled.</summary>
    public virtual void Complete()
    {
        Open(Primary!);
        Append(Primary!.Receiver!.Kept);
    }

    /// <summary>What the strategy counted for the part, if it counts.</summary>
    public virtual int? VotesFor(Part part) => null;

    /// <summary>Opens the answer of one part, unless it is open.</summary>
    protected void Open(Part part) =>
        Open(part.Request, part.Job.Model.Name, [.. Enumerable.Repeat(part.Job.Model.Name, part.Request.ChoicesTotal)]);

    /// <summary>Opens the answer, unless it is open.</summary>
    protected void Open(TextInference request, string model, IReadOnlyList<string> choiceModels)
    {
        if (Answer is not null)
            return;
        Shown = new EnsembleAnswer(strategy, choiceModels);
        Answer = parts.Open(http, request, model, Shown);
    }

    /// <summary>Gives events to the open answer.</summary>
    /// <param name="events">In order.</param>
    /// <param name="firstChoice">The place of the part's first choice.</param>
    protected void Append(IReadOnlyList<Event> events, uint firstChoice = 0)
    {
        foreach (var item in events)
        {
            item.Choice += firstChoice;
            Answer!.Append(item);
        }
    }
}
