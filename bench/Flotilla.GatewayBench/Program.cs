using System.Globalization;
using Flotilla.GatewayBench;

// What the gateway and the node cost without a model, beside a bare ASP.NET Core forwarder, in one run:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- [warm-up seconds = 40] [seconds per case = 6]
// What a newcomer sees of the demo model, over HTTP:
//   dotnet run -c Release --project bench/Flotilla.GatewayBench -- demo
// The other words are the roles of its child processes.
return args switch
{
    ["upstream", var port] => await ScriptedUpstream.RunAsync(int.Parse(port, CultureInfo.InvariantCulture)),
    ["forward", var port, var upstream] => await Forwarder.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), upstream),
    ["node", var gateway, var token] => await ScriptedNode.RunAsync(gateway, token),
    ["demo"] => await DemoMeasurement.RunAsync(),
    [] => await Measurement.RunAsync(warmUpSeconds: 40, caseSeconds: 6),
    [var warmUp] => await Measurement.RunAsync(int.Parse(warmUp, CultureInfo.InvariantCulture), caseSeconds: 6),
    [var warmUp, var each] => await Measurement.RunAsync(int.Parse(warmUp, CultureInfo.InvariantCulture), int.Parse(each, CultureInfo.InvariantCulture)),
    _ => 2,
};
