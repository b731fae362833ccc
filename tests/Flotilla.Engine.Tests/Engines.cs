using System.Reflection;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests;

/// <summary>Engines on synthetic models, and what a generation gave in the end.</summary>
internal static class Engines
{
    /// <summary>The repository's root folder.</summary>
    public static string RepositoryRoot { get; } = typeof(Engines).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The model that comes with the repository.</summary>
    public static string DemoModel { get; } = Path.Combine(RepositoryRoot, "models", "demo", "flotilla-demo.gguf");

    /// <summary>Loads a synthetic model; the file is gone before the engine answers, for it is not needed any more.</summary>
    public static async Task<InferenceEngine> LoadAsync(SyntheticModelOptions? model = null, EngineOptions? options = null)
    {
        using var file = SyntheticModelFile.Create(model);
        return await InferenceEngine.LoadAsync(file.Path, options ?? new EngineOptions { Threads = 1 });
    }

    /// <summary>Runs a request to its end.</summary>
    public static async Task<Completion> CompleteAsync(this InferenceEngine engine, GenerationRequest request, CancellationToken cancellation)
    {
        var events = new List<GenerationEvent>();
        await foreach (var next in engine.GenerateAsync(request, cancellation))
            events.Add(next);
        return new Completion(events);
    }

    /// <summary>Token ids that are a prompt of so many tokens, different for each seed.</summary>
    public static int[] Prompt(int length, int seed = 1) => [.. Enumerable.Range(0, length).Select(i => ((i * 31) + (seed * 17)) % 480)];
}
