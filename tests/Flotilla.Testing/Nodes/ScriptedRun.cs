using System.Threading.Channels;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Testing.Nodes;

/// <summary>One job in the hands of a script. The test sees how far it is, and lets it go on.</summary>
public sealed class ScriptedRun
{
    private readonly IRunOutput _output;
    private readonly Channel<bool> _permits = Channel.CreateUnbounded<bool>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<(int Events, TaskCompletionSource Reached)> _waiters = [];
    private int _events;

    internal ScriptedRun(RunRequest request, IRunOutput output, CancellationToken ct)
    {
        Request = request;
        _output = output;
        Token = ct;
        ct.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), _cancelled);
    }

    /// <summary>The job.</summary>
    public RunRequest Request { get; }

    /// <summary>What a job of text asks.</summary>
    public TextRequest Text => (TextRequest)Request.Work;

    /// <summary>Stops the script.</summary>
    public CancellationToken Token { get; }

    /// <summary>Completion tokens that were emitted.</summary>
    public uint Tokens { get; private set; }

    /// <summary>Events that the node took over.</summary>
    public int Events
    {
        get
        {
            lock (_lock)
                return _events;
        }
    }

    /// <summary>Completes when the job was stopped from outside.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>Completes when the script is through, whichever way.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Script: emits an event.</summary>
    public async ValueTask EmitAsync(Event item)
    {
        await _output.EmitAsync(item, Token);
        Tokens += item.TokenCount;
        lock (_lock)
        {
            _events++;
            foreach (var (_, reached) in _waiters.Where(w => w.Events <= _events))
                reached.TrySetResult();
            _waiters.RemoveAll(w => w.Events <= _events);
        }
    }

    /// <summary>Script: emits text as one token, for choice 0.</summary>
    public ValueTask EmitAsync(string text) => EmitAsync(new Event { TokenCount = 1, Text = new Text { Text_ = text } });

    /// <summary>Script: waits until the test calls <see cref="Permit"/>.</summary>
    public async Task WaitAsync() => await _permits.Reader.ReadAsync(Token);

    /// <summary>Test: lets the script pass its next waits.</summary>
    public void Permit(int waits = 1)
    {
        for (var i = 0; i < waits; i++)
            _permits.Writer.TryWrite(true);
    }

    /// <summary>Test: waits until the node took over this many events.</summary>
    public Task WhenEmittedAsync(int events, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_events >= events)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((events, reached));
            return reached.Task.WaitAsync(ct);
        }
    }

    internal void End() => _ended.TrySetResult();
}
