using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Takes the events of one job. Several choices may emit at once; the order within a choice is the order of the calls.</summary>
public interface IRunOutput
{
    /// <summary>
    /// Hands over an event, which must not be changed afterwards. Completes when there is room for the next one: at once
    /// while the reader keeps up.
    /// </summary>
    /// <exception cref="OperationCanceledException">The job was stopped.</exception>
    /// <exception cref="InvalidOperationException">The event breaks the rules: an unknown choice, one that ended, or far too large.</exception>
    ValueTask EmitAsync(Event item, CancellationToken ct);
}
