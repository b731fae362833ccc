using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// The one thread that owns model, caches and running sequences. A turn is a step: plan, compute, hand out. Others put
/// sequences into the queue and read events from channels; nothing else crosses.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly Scheduler _scheduler;
    private readonly Transformer _model;
    private readonly StepBatch _batch;
    private readonly AutoResetEvent _signal = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _allocated;

    public EngineLoop(Scheduler scheduler, Transformer model, int stepTokensMax)
    {
        (_scheduler, _model, _batch) = (scheduler, model, new StepBatch(stepTokensMax));
        _thread = new Thread(Serve) { IsBackground = true, Name = "flotilla-engine" };
        _thread.Start();
    }

    /// <summary>Bytes that the loop's thread has allocated so far.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocated);

    /// <summary>Queues a sequence; false if the queue is full.</summary>
    /// <exception cref="ObjectDisposedException">The engine is stopping.</exception>
    public bool TrySubmit(Sequence sequence)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (!_scheduler.TrySubmit(sequence))
            return false;
        _signal.Set();

        // The loop may have emptied the queue for the last time between the check and the submission.
        if (_stopping)
            sequence.Fail(Stopped());
        return true;
    }

    /// <summary>Something has changed that a sleeping loop should look at: a reader caught up, a caller went away.</summary>
    public void Wake()
    {
        if (!_stopping)
            _signal.Set();
    }

    /// <summary>Stops after the step that is being computed; what still runs fails.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _signal.Set();
        _thread.Join();
        _scheduler.FailAll(Stopped);
    }

    private static GenerationFailedException Stopped() => new(GenerationFailure.Stopped, "The engine is stopping.");

    private void Serve()
    {
        while (!_stopping)
        {
            try
            {
                Step();
            }
#pragma warning disable CA1031 // Whatever happened is told to every caller; a thread that dies would tell nobody.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _scheduler.FailAll(() => new GenerationFailedException(GenerationFailure.Internal, "A step failed.", exception));
            }
        }
    }

    private void Step()
    {
        if (!_scheduler.Plan(_batch))
        {
            _model.Rest();
            _signal.WaitOne();
            return;
        }

        _model.Forward(_batch);
        _scheduler.Complete(_model);
        Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
    }
}
