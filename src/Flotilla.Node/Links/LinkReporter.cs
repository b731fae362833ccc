namespace Flotilla.Node.Links;

/// <summary>What one link shows of itself.</summary>
internal sealed class LinkReporter(Uri gateway, Action<GatewayStatus> changed)
{
    private readonly Lock _lock = new();
    private GatewayStatus _status = new(gateway, GatewayState.Connecting, "", []);

    /// <summary>How it stands.</summary>
    public GatewayStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>Whether the gateway ever let this node in.</summary>
    public bool EverConnected { get; private set; }

    /// <summary>The link came to another state; the admissions hold for a session.</summary>
    public void Now(GatewayState state, string detail)
    {
        EverConnected |= state == GatewayState.Connected;
        Set(s => s with { State = state, Detail = detail, Admissions = state is GatewayState.Connected or GatewayState.Draining ? s.Admissions : [] });
    }

    /// <summary>The gateway gave its word on a model.</summary>
    public void Admission(ModelAdmission admission) =>
        Set(s => s with { Admissions = [.. s.Admissions.Where(a => a.Model != admission.Model), admission] });

    private void Set(Func<GatewayStatus, GatewayStatus> change)
    {
        GatewayStatus status;
        lock (_lock)
            status = _status = change(_status);
        changed(status);
    }
}
