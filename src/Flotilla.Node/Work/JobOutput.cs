using System.Runtime.ExceptionServices;
using Flotilla.Node.Links;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Node.Work;

/// <summary>The events of one attempt on their way out: counted, digested, numbered and held back while the window is shut.</summary>
internal sealed class JobOutput(Job job, Outbox outbox, TimeProvider time) : IRunOutput, IDisposable
{
    // Never disposed: it has no handle to free, and the timer may fire while the job ends.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly OutputDigest _digest = new();
    private readonly CreditWindow _window = new(Window(job));
    private readonly int _textCharsMax = TextCharsMax(job);
    private OutputRules? _rules;
    private EventBatch? _open;
    private GatheredEvent? _gathered;
    private ITimer? _gatherTimer;
    private ExceptionDispatchInfo? _broken;

    /// <summary>JobEvents frames so far.</summary>
    public uint Frames { get; private set; }

    /// <summary>Prompt tokens as the runtime told them; 0 where it did not.</summary>
    public uint PromptTokens { get; private set; }

    /// <summary>Completion tokens that were sent.</summary>
    public uint Tokens { get; private set; }

    /// <summary>Whether every choice has ended.</summary>
    public bool Complete => _rules is { Open: < 0 };

    /// <summary>Sets what the events may be.</summary>
    public void Expect(JobKind kind, JobShape shape) => _rules = new OutputRules(kind, shape);

    /// <summary>The gateway handed on this many bytes.</summary>
    public void Grant(uint bytes) => _window.Grant(bytes);

    /// <summary>The commitment to all that was emitted: 32 bytes.</summary>
    public byte[] Commit() => _digest.Commit(job.Salt.Span);

    /// <inheritdoc />
    public async ValueTask EmitAsync(Event item, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            _broken?.Throw();
            // A gateway would close the whole link over it; here only the job pays.
            if (_rules!.Admit(item, out var isSilent) is { } wrong)
                throw new InvalidOperationException($"The runtime emitted {wrong}.");
            if (isSilent)
                return;
            if (job.Gather)
                await GatherAsync(item, ct);
            else
                await SplitAndSendAsync(item, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends what was gathered. The runtime has ended.</summary>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            _broken?.Throw();
            await SendGatheredAsync(ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends nothing more: what waits for room gives up, what was gathered is dropped, and the counts are final.</summary>
    public async ValueTask EndAsync()
    {
        _window.Close();
        await _turn.WaitAsync();
        _gathered = null;
        _turn.Release();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _gatherTimer?.Dispose();
        _digest.Dispose();
    }

    private async ValueTask GatherAsync(Event item, CancellationToken ct)
    {
        if (_gathered?.TryAdd(item) == true)
            return;
        await SendGatheredAsync(ct);
        _gathered = GatheredEvent.Begin(item);
        if (_gathered is null)
        {
            await SplitAndSendAsync(item, ct);
            return;
        }

        _gatherTimer ??= time.CreateTimer(static output => _ = ((JobOutput)output!).SendOverdueAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _gatherTimer.Change(NodeLimits.GatherTime, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends what was gathered, once its time is up. A timer that comes late may find younger text; that goes out early.</summary>
    private async Task SendOverdueAsync()
    {
        await _turn.WaitAsync();
        try
        {
            // Not cancellable: the end of the job closes the window.
            await SendGatheredAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            // Nobody waits here: the runtime's next event, or the job's end, meets it.
            _broken = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask SendGatheredAsync(CancellationToken ct)
    {
        if (_gathered is not { } gathered)
            return;
        _gathered = null;
        await SplitAndSendAsync(gathered.Take(), ct);
    }

    private async ValueTask SplitAndSendAsync(Event item, CancellationToken ct)
    {
        if (!EventSplitter.IsTooLong(item, _textCharsMax))
        {
            await SendAsync(item, ct);
            return;
        }

        foreach (var piece in EventSplitter.Split(item, _textCharsMax))
            await SendAsync(piece, ct);
    }

    private async ValueTask SendAsync(Event item, CancellationToken ct)
    {
        var bytes = item.CalculateSize();
        if (bytes > NodeLimits.EventBytesMax)
            throw new InvalidOperationException($"The runtime emitted an event of {bytes} bytes; the limit is {NodeLimits.EventBytesMax}.");
        await _window.TakeAsync(bytes, ct);
        ct.ThrowIfCancellationRequested();
        if (_open is null || !_open.TryAdd(item, bytes))
        {
            _open = new EventBatch(new JobEvents { JobId = job.JobId, Attempt = job.Attempt, Sequence = Frames });
            _open.TryAdd(item, bytes);
            // Not cancellable: a number that is used up must be sent, or the next frame would leave a gap.
            await outbox.WriteAsync(_open);
            Frames++;
        }

        Account(item);
    }

    private static int Window(Job job) => job.WindowBytes is 0 or > LinkLimits.WindowBytes ? LinkLimits.WindowBytes : (int)job.WindowBytes;

    // Three bytes a character, and two events in the window: a gateway that gives credit back by halves never starves an event.
    private static int TextCharsMax(Job job) => Math.Clamp(Window(job) / 8, NodeLimits.EventTextCharsMin, NodeLimits.EventTextCharsMax);

    private void Account(Event item)
    {
        _digest.Append(item);
        Tokens += item.TokenCount;
        if (item.BodyCase == Event.BodyOneofCase.PromptReady)
            PromptTokens += item.PromptReady.PromptTokens;
    }
}
