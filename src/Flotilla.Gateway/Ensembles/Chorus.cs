using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>Each model's answer is a choice of its own; in a stream they come interleaved. A model that fails ends its choices with an error, and no other's.</summary>
internal sealed class Chorus(HttpContext http, Parts parts, IReadOnlyList<Part> members) : Rule(http, parts, EnsembleStrategy.All), IDisposable
{
    // One answer, several voices: whoever writes does so alone until it is flushed.
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc />
    public override Func<IReadOnlyList<Event>, CancellationToken, ValueTask<bool>> OutletOf(Part part) => async (events, cancellation) =>
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            Open();
            Append(events, FirstChoiceOf(part));
            return await Answer!.FlushAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    };

    /// <inheritdoc />
    public override ValueTask DecideAsync(TimeSpan left)
    {
        Primary = members.FirstOrDefault(p => p.IsCompleted) ?? (Answer is null ? null : members[0]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override void Complete()
    {
        Open();
        foreach (var part in members)
        {
            var first = FirstChoiceOf(part);
            if (part.IsCompleted)
            {
                Append(part.Receiver!.Kept, first);
                continue;
            }

            for (var i = 0; i < part.Request.ChoicesTotal; i++)
                Shown!.Fail((int)first + i, part.Delivery.Error);
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Open()
    {
        var request = members[0].Request;
        var names = members.Select(p => p.Job.Model.Name);
        Open(
            request with { ChoicesTotal = request.ChoicesTotal * members.Count },
            string.Join('+', names),
            [.. names.SelectMany(name => Enumerable.Repeat(name, request.ChoicesTotal))]);
    }

    private uint FirstChoiceOf(Part part)
    {
        var place = 0;
        while (members[place] != part)
            place++;
        return (uint)(place * part.Request.ChoicesTotal);
    }
}
