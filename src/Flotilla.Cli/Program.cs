return await Flotilla.Cli.CommandLine.RunAsync(args, Flotilla.Cli.Output.Terminal.OfProcess());
