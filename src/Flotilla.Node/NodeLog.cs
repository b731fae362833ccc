using Microsoft.Extensions.Logging;

namespace Flotilla.Node;

/// <summary>All that a node logs. No prompt, output, key or token is ever among it.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1, LogLevel.Information, "Node {Id} starts with {Models} models and {Slots} slots")]
    public static partial void Starts(ILogger logger, string id, int models, int slots);

    [LoggerMessage(2, LogLevel.Information, "Connected to {Gateway} as session {Epoch}")]
    public static partial void Connected(ILogger logger, Uri gateway, ulong epoch);

    [LoggerMessage(3, LogLevel.Warning, "Link to {Gateway} ended: {Detail} Dialling again in {Seconds:0.0} s")]
    public static partial void LinkEnded(ILogger logger, Uri gateway, string detail, double seconds);

    [LoggerMessage(4, LogLevel.Error, "{Gateway} does not let this node in: {Detail} Asking again in {Seconds:0} s")]
    public static partial void LinkRefused(ILogger logger, Uri gateway, string detail, double seconds);

    [LoggerMessage(5, LogLevel.Information, "{Gateway} admitted {Model}")]
    public static partial void Admitted(ILogger logger, Uri gateway, string model);

    [LoggerMessage(6, LogLevel.Warning, "{Gateway} did not admit {Model}: {Reason}")]
    public static partial void NotAdmitted(ILogger logger, Uri gateway, string model, string reason);

    [LoggerMessage(7, LogLevel.Information, "Draining the link to {Gateway}: {Reason}")]
    public static partial void Draining(ILogger logger, Uri gateway, string reason);

    [LoggerMessage(8, LogLevel.Error, "Job {Job} broke the {Runtime} runtime")]
    public static partial void JobBroke(ILogger logger, Exception exception, string job, string runtime);

    [LoggerMessage(9, LogLevel.Information, "Job {Job} ended after its link")]
    public static partial void JobOrphaned(ILogger logger, string job);

    [LoggerMessage(10, LogLevel.Error, "The {Runtime} runtime threw when it was asked what it serves")]
    public static partial void ProbeBroke(ILogger logger, Exception exception, string runtime);

    [LoggerMessage(11, LogLevel.Warning, "The {Runtime} runtime: {Problem}")]
    public static partial void RuntimeProblem(ILogger logger, string runtime, string problem);

    [LoggerMessage(12, LogLevel.Information, "The {Runtime} runtime is well again")]
    public static partial void RuntimeWell(ILogger logger, string runtime);

    [LoggerMessage(13, LogLevel.Warning, "A model of the {Runtime} runtime, with a name of {Characters} characters, is not offered: {Reason}")]
    public static partial void ModelSkipped(ILogger logger, string runtime, int characters, string reason);

    [LoggerMessage(14, LogLevel.Warning, "Model {Model} is offered twice; the {Runtime} runtime serves it")]
    public static partial void ModelTwice(ILogger logger, string model, string runtime);

    [LoggerMessage(15, LogLevel.Warning, "Upstream {Upstream} refused job {Job} with status {Status}: {Meaning}")]
    public static partial void UpstreamRefused(ILogger logger, Uri upstream, string job, int status, string meaning);

    [LoggerMessage(16, LogLevel.Warning, "Upstream {Upstream} failed job {Job}: {Reason}")]
    public static partial void UpstreamFailed(ILogger logger, Uri upstream, string job, string reason);

    [LoggerMessage(17, LogLevel.Warning, "{Jobs} jobs still ran at the end of the drain limit of {Seconds:0} s and were stopped")]
    public static partial void DrainLimitReached(ILogger logger, int jobs, double seconds);

    [LoggerMessage(18, LogLevel.Warning, "The working folder {Folder} could not be removed: {Reason}")]
    public static partial void WorkFolderStays(ILogger logger, string folder, string reason);

    [LoggerMessage(19, LogLevel.Warning, "The command of model {Model} failed job {Job}: {Reason}")]
    public static partial void CommandFailed(ILogger logger, string model, string job, string reason);
}
