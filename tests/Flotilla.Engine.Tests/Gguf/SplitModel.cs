using System.Globalization;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests.Gguf;

/// <summary>The parts of a synthetic model in a folder of their own, deleted when disposed.</summary>
internal sealed class SplitModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-split-").FullName;
    private readonly int _count;

    /// <param name="parts">The parts, perhaps spoilt.</param>
    public SplitModel(IReadOnlyList<GgufWriter> parts)
    {
        _count = parts.Count;
        for (var index = 0; index < parts.Count; index++)
            File.WriteAllBytes(Part(index), parts[index].Build());
    }

    /// <summary>Where a part lies; the first is 0.</summary>
    public string Part(int index) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"small-{index + 1:D5}-of-{_count:D5}.gguf"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
