using System.Threading.Channels;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Keeps what a runtime emits.</summary>
internal sealed class CollectingOutput : IRunOutput
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Event> _next = Channel.CreateUnbounded<Event>();

    /// <summary>Until it completes, no event is taken: the window of a gateway whose client does not read.</summary>
    public Task Window { get; init; } = Task.CompletedTask;

    /// <summary>Completes when the first event waits before the window.</summary>
    public Task Reached => _reached.Task;

    public List<Event> Events { get; } = [];

    public Task First => _first.Task;

    public string Text => string.Concat(Events.Where(e => e.Text is not null).Select(e => e.Text.Text_));

    /// <summary>The bytes of a choice's sound or picture.</summary>
    public byte[] Media(uint choice = 0) => [.. Events.Where(e => e.Choice == choice && e.Media is not null).SelectMany(e => e.Media.Data)];

    /// <summary>The next event that was taken, in their order.</summary>
    public ValueTask<Event> NextAsync(CancellationToken ct) => _next.Reader.ReadAsync(ct);

    public async ValueTask EmitAsync(Event item, CancellationToken ct)
    {
        _reached.TrySetResult();
        await Window.WaitAsync(ct);
        // The choices of a job emit at once.
        lock (Events)
            Events.Add(item);
        _next.Writer.TryWrite(item);
        _first.TrySetResult();
    }
}
