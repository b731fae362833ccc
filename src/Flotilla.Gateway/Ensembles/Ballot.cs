using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>The answer that most models give; of equals, the one that was named first. White space and case make no difference.</summary>
internal sealed class Ballot(HttpContext http, Parts parts, IReadOnlyList<Part> members) : Rule(http, parts, EnsembleStrategy.Vote)
{
    private readonly Dictionary<Part, int> _votes = [];

    /// <inheritdoc />
    public override ValueTask DecideAsync(TimeSpan left)
    {
        var papers = members.Where(p => p.IsCompleted).Select(p => (Part: p, Said: PartText.ForComparison(p.Receiver!.Kept))).ToList();
        foreach (var (part, said) in papers)
            _votes.Add(part, papers.Count(p => p.Said == said));
        // MaxBy takes the first of equals.
        Primary = papers.Select(p => p.Part).MaxBy(p => _votes[p]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override int? VotesFor(Part part) => _votes.TryGetValue(part, out var votes) ? votes : null;
}
