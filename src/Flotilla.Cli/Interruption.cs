using System.Runtime.InteropServices;

namespace Flotilla.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to finish, the second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask),
    ];

    public CancellationToken Token => _asked.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _asked.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        // Left alone, the second signal does what the system does with it.
        context.Cancel = !_asked.IsCancellationRequested;
        if (context.Cancel)
            _asked.Cancel();
    }
}
