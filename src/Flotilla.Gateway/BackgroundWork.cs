using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.State;

namespace Flotilla.Gateway;

/// <summary>What goes on without a client at a socket: started once the gateway listens, closed when it drains.</summary>
internal sealed class BackgroundWork(DeferredQueue deferred, Housekeeping housekeeping)
{
    public void Start()
    {
        deferred.Start();
        housekeeping.Start();
    }

    /// <summary>Begins nothing new; what runs goes on.</summary>
    public void Close() => deferred.Close();

    /// <summary>Cuts off what still runs and waits until it is settled; the next start goes on with it.</summary>
    public async Task StopAsync()
    {
        await deferred.StopAsync();
        await housekeeping.StopAsync();
    }
}
