using Flotilla.Gateway.Batches;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Webhooks;

namespace Flotilla.Gateway;

/// <summary>What goes on without a client at a socket: prepared before the gateway listens, started then, closed when it drains.</summary>
internal sealed class BackgroundWork(DeferredTable requests, DeferredQueue deferred, FileTable files, BatchTable written, BatchRunner batches, WebhookSender webhooks, Housekeeping housekeeping)
{
    /// <summary>Removes bytes that a crash has left without a row, and learns which webhooks listen; nobody may be storing some, or speaking, meanwhile.</summary>
    public void Prepare()
    {
        webhooks.Prepare();
        requests.Sweep();
        files.Blobs.Sweep(id => files.IsKnown(id) || written.Writes(id));
    }

    public void Start()
    {
        webhooks.Start();
        deferred.Start();
        batches.Start();
        housekeeping.Start();
    }

    /// <summary>Begins nothing new; what runs goes on.</summary>
    public void Close()
    {
        deferred.Close();
        batches.Close();
    }

    /// <summary>Cuts off what still runs and waits until it is settled; the next start goes on with it.</summary>
    public async Task StopAsync()
    {
        await deferred.StopAsync();
        await batches.StopAsync();
        await webhooks.StopAsync();
        await housekeeping.StopAsync();
    }
}
