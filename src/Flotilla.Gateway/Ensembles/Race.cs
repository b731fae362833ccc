using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>The first to speak (of a stream), or to finish (of a whole answer), is heard; the others are stopped and, as nothing of theirs was delivered, free.</summary>
internal sealed class Race(HttpContext http, Parts parts, JobHeaders headers, IReadOnlyList<Part> members) : Rule(http, parts, EnsembleStrategy.Race)
{
    private readonly HttpResponse _response = http.Response;
    private Part? _winner;

    /// <inheritdoc />
    public override Func<IReadOnlyList<Event>, CancellationToken, ValueTask<bool>> OutletOf(Part part) => async (events, cancellation) =>
    {
        if (!TryWin(part))
            return false;
        Append(events);
        return await Answer!.FlushAsync(cancellation);
    };

    /// <inheritdoc />
    public override void Ended(Part part)
    {
        if (part.IsCompleted)
            TryWin(part);
    }

    /// <inheritdoc />
    public override bool HasLost(Part part) => _winner is { } winner && winner != part;

    /// <inheritdoc />
    public override ValueTask DecideAsync(TimeSpan left)
    {
        Primary = _winner;
        return ValueTask.CompletedTask;
    }

    private bool TryWin(Part part)
    {
        if (Interlocked.CompareExchange(ref _winner, part, null) is { } first)
            return first == part;
        foreach (var other in members.Where(p => p != part))
            other.Stop();
        headers.Held(_response, part.Job);
        Open(part);
        return true;
    }
}
