namespace Flotilla.Cli.Hosting;

/// <summary>The model that comes with Flotilla, so that a machine without internet answers too.</summary>
internal static class DemoModel
{
    /// <summary>The file beside the program.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "models", "flotilla-demo.gguf");
}
