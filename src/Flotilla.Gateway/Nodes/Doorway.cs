using System.Net;

namespace Flotilla.Gateway.Nodes;

/// <summary>Counts the connections that have not proved a key yet, so that they cannot fill the house.</summary>
internal sealed class Doorway(NodeLinkOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _waiting = [];
    private int _count;

    /// <summary>Lets a connection wait for its handshake, unless too many do.</summary>
    public bool TryEnter(IPAddress address)
    {
        lock (_lock)
        {
            var fromThere = _waiting.GetValueOrDefault(address);
            if (_count >= options.UnauthenticatedMax || fromThere >= options.UnauthenticatedPerAddressMax)
                return false;
            _count++;
            _waiting[address] = fromThere + 1;
            return true;
        }
    }

    /// <summary>A connection has proved its key, or is gone.</summary>
    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            _count--;
            if (--_waiting[address] is var left and > 0)
                _waiting[address] = left;
            else
                _waiting.Remove(address);
        }
    }
}
