using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Ensembles;

/// <summary>One model's job of several; settled exactly once, by <see cref="Parts"/>.</summary>
internal sealed class Part : IDisposable
{
    private readonly CancellationTokenSource _stop;

    public Part(Reserved reserved, CancellationToken aborted)
    {
        (Asked, Job) = (reserved.Request, reserved.Job);
        Delivery = new Delivery { Asking = Job.Hold.Namespace };
        _stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    }

    /// <summary>What its model is asked.</summary>
    public InferenceRequest Asked { get; }

    /// <summary>The same, of a part that answers with text.</summary>
    public TextInference Request => (TextInference)Asked;

    public HeldJob Job { get; }

    public Delivery Delivery { get; }

    /// <summary>What it came to; null until it is settled.</summary>
    public Settled? Settled { get; set; }

    /// <summary>What it said; null before it began.</summary>
    public PartReceiver? Receiver { get; set; }

    /// <summary>Fires when the client leaves, or this part is not needed any more.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Whether it said everything.</summary>
    public bool IsCompleted => Delivery.End == DeliveryEnd.Completed;

    /// <summary>It is not needed any more.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();
}
