using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Keeps what a runtime emits.</summary>
internal sealed class CollectingOutput : IRunOutput
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<Event> Events { get; } = [];

    public Task First => _first.Task;

    public string Text => string.Concat(Events.Where(e => e.Text is not null).Select(e => e.Text.Text_));

    public ValueTask EmitAsync(Event item, CancellationToken ct)
    {
        // The choices of a job emit at once.
        lock (Events)
            Events.Add(item);
        _first.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
