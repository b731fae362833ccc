using System.Threading.Channels;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <content>What the node offers, and the test of it.</content>
internal sealed partial class NodeSession
{
    private readonly Channel<bool> _advertisements = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private string? HandleAdvertise(Advertise frame)
    {
        if (Advertised.Check(frame) is { } wrong)
            return wrong;
        lock (_lock)
            _advertised = _advertised.With(frame);
        Volatile.Write(ref _slots, (int)frame.Slots);
        _services.Directory.Publish();
        _advertisements.Writer.TryWrite(true);
        return null;
    }

    /// <summary>Tests what is new, one model after the other, so that tests never take more than one slot.</summary>
    private async Task AdmitAsync()
    {
        try
        {
            while (await _advertisements.Reader.WaitToReadAsync(_stop.Token))
            {
                _advertisements.Reader.TryRead(out _);
                while (_end is null && NextToTest() is { } offer)
                    Decide(offer, await _services.Admission.RunAsync(this, offer, _stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
    }

    private ModelOffer? NextToTest() => _advertised.Models.Values.FirstOrDefault(m => m.State == AdmissionState.Waiting)?.Offer;

    private void Decide(ModelOffer offer, string? refusal)
    {
        var state = refusal is null ? AdmissionState.Admitted : AdmissionState.Refused;
        lock (_lock)
        {
            var next = _advertised.With(offer, state, refusal ?? string.Empty);
            if (_end is not null || ReferenceEquals(next, _advertised))
                return;
            _advertised = next;
        }

        _services.Directory.Publish();
        Send(new GatewayFrame { Admission = new Admission { Model = offer.Name, Admitted = refusal is null, Reason = refusal ?? string.Empty } });
        if (refusal is null)
            NodeLog.Admitted(_services.Log, Id, offer.Name);
        else
            NodeLog.NotAdmitted(_services.Log, Id, offer.Name, NodeText.Clean(refusal, LinkLimits.MessageCharsMax));
    }
}
