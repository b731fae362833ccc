namespace Flotilla.Testing.Models;

/// <summary>A model file in the temporary folder, deleted when disposed.</summary>
public sealed class SyntheticModelFile : IDisposable
{
    private SyntheticModelFile(byte[] bytes)
    {
        Path = System.IO.Path.GetTempFileName();
        File.WriteAllBytes(Path, bytes);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Writes a model of the given shape, or the default one.</summary>
    public static SyntheticModelFile Create(SyntheticModelOptions? options = null) => new(SyntheticModel.Build(options ?? new()));

    /// <summary>Writes any bytes.</summary>
    public static SyntheticModelFile Of(byte[] bytes) => new(bytes);

    public void Dispose() => File.Delete(Path);
}
