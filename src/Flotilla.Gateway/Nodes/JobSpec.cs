using Flotilla.Core;
using Flotilla.Protocol.Jobs;

namespace Flotilla.Gateway.Nodes;

/// <summary>One attempt at a job, as it goes to a node.</summary>
/// <param name="Job">The job.</param>
/// <param name="Attempt">Which attempt, from 1; no two of one job carry the same number.</param>
/// <param name="Model">The model's name as nodes advertise it.</param>
/// <param name="Kind">What kind of job it is.</param>
/// <param name="Shape">What the request lets the node answer.</param>
/// <param name="Request">The serialised message of the kind; not changed afterwards.</param>
/// <param name="Seed">Seed of the sampling.</param>
/// <param name="Salt">32 bytes that open the receipt's commitments.</param>
/// <param name="Deadline">Time from now until the node must be done; zero for none.</param>
/// <param name="Gather">Whether the node may join events and send them late, because the client waits for the whole.</param>
/// <param name="Namespace">Who asks, for what the node may share between jobs; null shares nothing.</param>
internal sealed record JobSpec(
    JobId Job, uint Attempt, string Model, JobKind Kind, JobShape Shape, byte[] Request, ulong Seed, byte[] Salt, TimeSpan Deadline, bool Gather = false,
    NamespaceId? Namespace = null);
