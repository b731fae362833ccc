using System.Globalization;
using Flotilla.GatewayBench;

// What the gateway and the node cost without a model, beside a bare ASP.NET Core forwarder, in one run:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- [warm-up seconds = 40] [seconds per case = 6]
// What a newcomer sees of the demo model, over HTTP:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- demo
// What it costs to be answered later, beside the same chat at once; and the largest batch:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- polling
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- batch
// How soon espeak-ng is heard:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- speech models/commands/espeak-ng.json
// What gateway and node leave of the engine's own speed:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- streams MODEL.gguf 8
// The other words are the roles of its child processes.
return args switch
{
    ["upstream", var port] => await ScriptedUpstream.RunAsync(int.Parse(port, CultureInfo.InvariantCulture)),
    ["forward", var port, var upstream] => await Forwarder.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), upstream),
    ["node", var gateway, var token, var words] => await ScriptedNode.RunAsync(gateway, token, int.Parse(words, CultureInfo.InvariantCulture)),
    ["demo"] => await DemoMeasurement.RunAsync(),
    ["polling"] => await LaterMeasurement.PollingAsync(),
    ["batch"] => await LaterMeasurement.BatchesAsync(),
    ["speech", var commandFile] => await SpeechMeasurement.RunAsync(commandFile),
    ["streams", var file, var count] => await StreamsMeasurement.RunAsync(file, int.Parse(count, CultureInfo.InvariantCulture)),
    [] => await Measurement.RunAsync(warmUpSeconds: 40, caseSeconds: 6),
    [var warmUp] => await Measurement.RunAsync(int.Parse(warmUp, CultureInfo.InvariantCulture), caseSeconds: 6),
    [var warmUp, var each] => await Measurement.RunAsync(int.Parse(warmUp, CultureInfo.InvariantCulture), int.Parse(each, CultureInfo.InvariantCulture)),
    _ => 2,
};
