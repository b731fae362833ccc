using Flotilla.Node.Runtimes;
using Flotilla.Node.Runtimes.Command;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Runtimes.Command;

/// <summary>Jobs for real programs, and what they make.</summary>
internal static class CommandJobs
{
    /// <summary>A command file as it is shipped.</summary>
    public static CommandOptions Shipped(string name) => CommandFile.Read(Path.Combine(AppContext.BaseDirectory, "models", "commands", name + ".json"));

    /// <summary>Runs one job.</summary>
    public static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(CommandOptions command, JobKind kind, IMessage work)
    {
        var output = new CollectingOutput();
        var request = new RunRequest
        {
            JobId = "job_1", Model = new Model { Name = command.Model }, Kind = kind, Work = work, Shape = kind.Shape(work), Seed = 1, Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
        };
        return (await new CommandRuntime([command]).RunAsync(request, output, TestContext.Current.CancellationToken), output);
    }
}
