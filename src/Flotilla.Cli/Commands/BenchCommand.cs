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
        var plan = new BenchPlan(parsed.GetValue(PrefillOption), parsed.GetValue(DecodeOption), streams, parsed.GetValue(RoundsOption));
        var file = SettingsReader.Expand(parsed.GetRequiredValue(FileArgument), terminal);
        var threads = parsed.GetValue(ThreadsOption) is > 0 and var some ? some : Environment.ProcessorCount;
        var begun = Stopwatch.GetTimestamp();
        var engine = await InferenceEngine.LoadAsync(file, new EngineOptions { Threads = threads, SequencesMax = streams.Max() }, null, ct);
        await using var ours = new EngineContender(engine);
        var loaded = Stopwatch.GetElapsedTime(begun);
        var first = await ours.PrefillAsync(1, ct);
        await terminal.Error.WriteLineAsync(FormattableString.Invariant(
            $"{SafeText.ForTerminal(engine.Model.Name)}: {engine.Model.ParameterCount / 1e6:F0} million parameters, {engine.Model.Architecture}, loaded in {loaded.TotalSeconds:F1} s, {threads} threads"));
        await using var theirs = parsed.GetValue(AgainstOption) is { } folder ? Other(SettingsReader.Expand(folder, terminal), file, plan, threads, engine.Model.VocabularySize) : null;
        var results = await plan.RunAsync(theirs is null ? [ours] : [ours, theirs], name => terminal.Error.WriteLine($"  {name} …"), ct);
        List<(string Name, double Value)> figures = [("from loading to the first token, ms", (loaded.TotalSeconds + first) * 1000)];
        figures.AddRange(await new EngineFigures(engine, plan.Decode).MeasureAsync(ct));
        figures.Add(("greatest memory, MB", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6));
        figures.Add(("of it the file, keys and values, MB", (new FileInfo(file).Length + ours.KvBytesMost) / 1e6));
        Show(terminal, results, figures, parsed.GetValue(SharedOptions.Json));
    }

    private static LlamaContender Other(string folder, string file, BenchPlan plan, int threads, int vocabulary)
    {
        try
        {
            return new LlamaContender(new LlamaCpp(folder).Open(file, plan.TokensMax, plan.Streams.Max(), threads), vocabulary);
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new CommandFailedException(
                ExitCode.Usage, fault.Message, "npm install @node-llama-cpp/linux-x64 brings it; the folder is node_modules/@node-llama-cpp/linux-x64/bins/linux-x64.");
        }
    }

    private static void Show(Terminal terminal, IReadOnlyList<(string Name, double[] Speeds)> results, IReadOnlyList<(string Name, double Value)> figures, bool asJson)
    {
        JsonArray rows =
        [
            .. results.Select(result => (JsonNode)new JsonObject
            {
                ["measurement"] = result.Name,
                ["flotilla"] = Math.Round(result.Speeds[0], 1),
                ["llama_cpp"] = result.Speeds.Length > 1 ? Math.Round(result.Speeds[1], 1) : null,
                ["ratio"] = result.Speeds.Length > 1 ? Math.Round(result.Speeds[0] / result.Speeds[1], 2) : null,
            }),
            .. figures.Select(figure => (JsonNode)new JsonObject { ["measurement"] = figure.Name, ["flotilla"] = Math.Round(figure.Value, 1), ["llama_cpp"] = null, ["ratio"] = null }),
        ];
        List<Column> columns = [Column.Of("Tokens per second", "measurement"), Column.Of("flotilla", "flotilla", isNumber: true)];
        if (results[0].Speeds.Length > 1)
            columns.AddRange([Column.Of("llama.cpp", "llama_cpp", isNumber: true), Column.Of("Ratio", "ratio", isNumber: true)]);
        Listing.Show(terminal, JsonSerializer.SerializeToElement(new JsonObject { ["data"] = rows }), asJson, "", [.. columns]);
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
