using Flotilla.Node.Runtimes;

namespace Flotilla.Testing.Nodes;

/// <summary>What a scripted runtime does with one job.</summary>
public delegate Task<RunResult> Script(ScriptedRun run);
