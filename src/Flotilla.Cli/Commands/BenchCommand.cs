using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Cli.Bench;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Engine;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla bench</c>: how fast this machine runs a model file, perhaps beside llama.cpp.</summary>
internal static class BenchCommand
{
    private const int TokensMax = 32_768;
    private const int StreamsMax = 64;
    private const int RoundsMax = 100;

    private static readonly Argument<string> FileArgument = new("FILE") { Description = "A model, as GGUF" };
    private static readonly Option<int> ThreadsOption = Number("--threads", "Threads [default: all cores]", 0, 0, EngineLimits.ThreadsMax);
    private static readonly Option<int> PrefillOption = Number("--prefill", "Tokens of the prompt that is read", 512, 1, TokensMax);
    private static readonly Option<int> DecodeOption = Number("--decode", "Tokens that each stream generates", 128, 1, TokensMax);
    private static readonly Option<int> RoundsOption = Number("--rounds", "How often each is measured; the median is shown", 3, 1, RoundsMax);

    private static readonly Option<int[]> StreamsOption = new("--streams")
    {
        HelpName = "N", Description = "Streams at once, one measurement each [default: 1 4 8 16]", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> AgainstOption = new("--against")
    {
        HelpName = "DIR",
        Description = "Run the same file in llama.cpp too, in turns: the folder of its libraries, such as node_modules/@node-llama-cpp/linux-x64/bins/linux-x64",
    };

    public static Command Create(Terminal terminal)
    {
        Command bench = new("bench", "Measure how fast this machine runs a model") { FileArgument, ThreadsOption, PrefillOption, DecodeOption, StreamsOption, RoundsOption, AgainstOption, SharedOptions.Json };
        bench.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return bench;
    }

    private static async Task RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        int[] streams = parsed.GetValue(StreamsOption) is { Length: > 0 } given ? given : [1, 4, 8, 16];
        if (streams.FirstOrDefault(count => count is < 1 or > StreamsMax) is var wrong and not 0)
            throw new CommandFailedException(ExitCode.Usage, $"--streams has {wrong}; 1 to {StreamsMax} are allowed.");
        var file = SettingsReader.Expand(parsed.GetRequiredValue(FileArgument), terminal);
        var threads = parsed.GetValue(ThreadsOption) is > 0 and var some ? some : Environment.ProcessorCount;
        var plan = new BenchPlan(parsed.GetValue(PrefillOption), parsed.GetValue(DecodeOption), streams, parsed.GetValue(RoundsOption), threads);
        var folder = parsed.GetValue(AgainstOption) is { } against ? WithLibrary(() => LlamaCpp.Located(SettingsReader.Expand(against, terminal))) : null;
        var begun = Stopwatch.GetTimestamp();
        var engine = await InferenceEngine.LoadAsync(file, new EngineOptions { Threads = threads, SequencesMax = streams.Max() }, null, ct);
        await using var ours = new EngineContender(engine);
        var loaded = Stopwatch.GetElapsedTime(begun);
        await ours.PrefillAsync(1, ct);
        List<BenchRow> figures = [new("from process start to first token, ms", SinceStart.TotalMilliseconds)];
        await terminal.Error.WriteLineAsync(FormattableString.Invariant(
            $"{SafeText.ForTerminal(engine.Model.Name)}: {engine.Model.ParameterCount / 1e6:F0} million parameters, {engine.Model.Architecture}, loaded in {loaded.TotalSeconds:F1} s, {threads} threads"));
        // Before anything comes into this process that is not the engine's.
        await plan.StretchAsync(ours, ct);
        figures.AddRange(Memory(engine));
        await using var theirs = folder is null ? null : WithLibrary(
            () => new LlamaContender(new LlamaCpp(folder).Open(file, plan.TokensMax, streams.Max(), threads), engine.Model.VocabularySize));
        var results = await plan.RunAsync(
            theirs is null ? [ours] : [ours, theirs], engine.Model.TokenWeightBytes, name => terminal.Error.WriteLine($"  {name} …"), ct);
        figures.AddRange(await new EngineFigures(engine, plan.Decode).MeasureAsync(ct));
        Show(terminal, [.. results, .. figures], theirs is not null, parsed.GetValue(SharedOptions.Json));
    }

    private static TimeSpan SinceStart => TimeProvider.System.GetLocalNow().DateTime - Process.GetCurrentProcess().StartTime;

    private static IEnumerable<BenchRow> Memory(InferenceEngine engine)
    {
        var (most, needed) = (Process.GetCurrentProcess().PeakWorkingSet64, engine.Model.FileBytes + engine.Load.KvBytesMade);
        yield return new BenchRow("greatest memory, MB", most / 1e6);
        yield return new BenchRow("of it the file, keys and values, MB", needed / 1e6);
        yield return new BenchRow("the rest, % of file, keys and values", ((double)most / needed * 100) - 100);
    }

    private static T WithLibrary<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new CommandFailedException(
                ExitCode.Usage, fault.Message, "npm install @node-llama-cpp/linux-x64 brings it; the folder is node_modules/@node-llama-cpp/linux-x64/bins/linux-x64.");
        }
    }

    private static void Show(Terminal terminal, IEnumerable<BenchRow> rows, bool comparesTwo, bool asJson)
    {
        List<Column> columns = [Column.Of("Tokens per second", "measurement"), Column.Of("flotilla", "flotilla", isNumber: true)];
        if (comparesTwo)
            columns.AddRange([Column.Of("llama.cpp", "llama_cpp", isNumber: true), Column.Of("Ratio", "ratio", isNumber: true)]);
        Listing.Show(terminal, JsonSerializer.SerializeToElement(new JsonObject { ["data"] = new JsonArray([.. rows.Select(row => row.ToJson())]) }), asJson, "", [.. columns]);
    }

    private static Option<int> Number(string name, string description, int usual, int least, int most)
    {
        Option<int> option = new(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
                result.AddError($"{name} is {value}; {least} to {most} are allowed.");
        });
        return option;
    }
}
