using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Flotilla.Cli.Output;

/// <summary>Where the rooms' logs go: stderr, warnings only, or everything that happens with <c>--verbose</c>.</summary>
internal static class Logs
{
    /// <param name="logging">What to set up.</param>
    /// <param name="verbose">Shows more than warnings.</param>
    /// <param name="stopping">Asked to stop, a node's link to its gateway ends as it should: no news.</param>
    public static void Configure(ILoggingBuilder logging, bool verbose, CancellationToken stopping = default)
    {
        var least = verbose ? LogLevel.Information : LogLevel.Warning;
        logging.SetMinimumLevel(least);
        // A failed start is an exception too, which the command line shows with what to do about it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddFilter("Flotilla.Node", level => level >= least && (verbose || !stopping.IsCancellationRequested || level > LogLevel.Warning));
        logging.AddSimpleConsole(format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "HH:mm:ss ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
