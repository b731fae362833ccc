using Flotilla.Node.Links;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>The jobs of one session: takes the gateway's frames about them, and decides which are accepted.</summary>
/// <remarks>The frames come from one reader; jobs end on their own tasks.</remarks>
internal sealed class SessionJobs(NodeWork node, Outbox outbox, AttemptMemory attempts)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Job, uint Attempt), RunningJob> _jobs = [];
    private TaskCompletionSource? _idle;
    private bool _draining;

    /// <summary>Accepts or rejects a job.</summary>
    /// <returns>What about the frame breaks the protocol, or null.</returns>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The session is over; the job was not begun.</exception>
    public async ValueTask<string?> StartAsync(Job job)
    {
        if (job.PrefixSalt.Length is not (0 or LinkLimits.SaltBytes))
            return $"a Job has a prefix_salt of {job.PrefixSalt.Length} bytes; it is {LinkLimits.SaltBytes} or none";
        if (job.JobId.Length is 0 or > NodeLimits.JobIdCharsMax || job.Attempt == 0 || job.Salt.Length != LinkLimits.SaltBytes)
            return $"a Job has an id of {job.JobId.Length} characters, the attempt {job.Attempt} and a salt of {job.Salt.Length} bytes; they are 1 to {NodeLimits.JobIdCharsMax}, 1 or more, and {LinkLimits.SaltBytes}";
        var (request, violation) = RequestAssembly.Begin(job);
        if (violation is not null)
            return violation;
        if (!attempts.TryAdd(job.JobId, job.Attempt))
            return $"a Job repeats the attempt {job.Attempt} of a job that this node was given before";
        var (running, rejected) = Accept(job, request!);
        if (running is null)
        {
            await outbox.WriteAsync(new NodeFrame { Rejected = rejected });
            return null;
        }

        try
        {
            await outbox.WriteAsync(new NodeFrame { Accepted = new Accepted { JobId = job.JobId, Attempt = job.Attempt } });
        }
        catch
        {
            // The job never starts, so nothing else gives back what it took.
            node.Slots.Release();
            Remove((job.JobId, job.Attempt), running);
            throw;
        }

        _ = Task.Run(() => RunAsync((job.JobId, job.Attempt), running));
        return null;
    }

    /// <summary>Takes in a part of a request; parts of jobs that were rejected or are over come late, and are dropped.</summary>
    /// <returns>What about the frame breaks the protocol, or null.</returns>
    public string? Append(JobPart part) => Find(part.JobId, part.Attempt)?.Append(part.Request.Span);

    /// <summary>Widens a job's window, if the job still runs.</summary>
    public void Grant(Credit credit) => Find(credit.JobId, credit.Attempt)?.Grant(credit.Bytes);

    /// <summary>Stops a job, if it still runs.</summary>
    public void Cancel(Cancel cancel) => Find(cancel.JobId, cancel.Attempt)?.Stop(StopReason.Cancelled);

    /// <summary>Rejects every further job.</summary>
    public void Drain()
    {
        lock (_lock)
            _draining = true;
    }

    /// <summary>Stops all jobs.</summary>
    public void StopAll(StopReason reason)
    {
        RunningJob[] jobs;
        lock (_lock)
            jobs = [.. _jobs.Values];
        foreach (var job in jobs)
            job.Stop(reason);
    }

    /// <summary>Waits until no job runs and the last frame of each is queued.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (_jobs.Count == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private (RunningJob? Running, Rejected? Rejected) Accept(Job job, RequestAssembly request)
    {
        // One step with Drain: a job is either rejected, or among those that a drain waits for.
        lock (_lock)
        {
            var kind = JobKind.Of(job.Kind);
            if (Refuse(job, kind, request, out var model) is { } rejected)
                return (null, rejected);
            var running = new RunningJob(job, kind!, model!, request, node, outbox);
            _jobs.Add((job.JobId, job.Attempt), running);
            return (running, null);
        }
    }

    private Rejected? Refuse(Job job, JobKind? kind, RequestAssembly request, out CatalogEntry? model)
    {
        model = null;
        if (_draining)
            return Reject(job, Rejected.Types.Reason.Draining, "The node is stopping.");
        if (kind is null)
            return Reject(job, Rejected.Types.Reason.Unsupported, $"The node does not know jobs of kind {(int)job.Kind}.");
        if (!node.Catalog.Snapshot.Entries.TryGetValue(job.Model, out model))
            return Reject(job, Rejected.Types.Reason.UnknownModel, "The node does not have the model.");
        if (!kind.Capabilities.Any(model.Model.Capabilities.Contains))
            return Reject(job, Rejected.Types.Reason.Unsupported, $"The model does no jobs of kind {job.Kind}.");
        var arriving = _jobs.Values.Sum(j => j.MissingBytes);
        if (request.Missing > 0 && arriving + request.Missing > NodeLimits.AssemblyBytesMax)
            return Reject(job, Rejected.Types.Reason.Busy, $"Requests of {arriving} bytes are still arriving; the limit is {NodeLimits.AssemblyBytesMax}.");
        return node.Slots.TryTake() ? null : Reject(job, Rejected.Types.Reason.Busy, $"All {node.Slots.Slots} slots are taken.");
    }

    private async Task RunAsync((string Job, uint Attempt) key, RunningJob job)
    {
        await job.RunAsync();
        Remove(key, job);
    }

    private void Remove((string Job, uint Attempt) key, RunningJob job)
    {
        lock (_lock)
        {
            _jobs.Remove(key);
            if (_jobs.Count == 0)
                _idle?.TrySetResult();
        }

        job.Dispose();
    }

    private RunningJob? Find(string job, uint attempt)
    {
        lock (_lock)
            return _jobs.GetValueOrDefault((job, attempt));
    }

    private static Rejected Reject(Job job, Rejected.Types.Reason reason, string message) =>
        new() { JobId = job.JobId, Attempt = job.Attempt, Reason = reason, Message = message };
}
