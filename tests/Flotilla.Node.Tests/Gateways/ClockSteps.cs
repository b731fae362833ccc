using Flotilla.Protocol.Link;
using Flotilla.Testing;

namespace Flotilla.Node.Tests.Gateways;

/// <summary>
/// Moves of the clock that end a pause and nothing else: a jump over the pause and the handshake's own limit would give up
/// a handshake that had no real time to happen.
/// </summary>
internal static class ClockSteps
{
    private static readonly TimeSpan Step = LinkLimits.HandshakeTimeout / 4;

    /// <summary>Ends the pause before the next dial, whatever it is.</summary>
    public static void EndPause(this ManualTimeProvider time, GatewayState pausing, NodeHost host)
    {
        for (var passed = TimeSpan.Zero; passed < NodeLimits.RefusedRetry && host.Gateways[0].State == pausing; passed += Step)
            time.Advance(Step);
    }
}
