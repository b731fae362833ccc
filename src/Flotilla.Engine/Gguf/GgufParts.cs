using System.Globalization;
using System.Security.Cryptography;

namespace Flotilla.Engine.Gguf;

/// <summary>
/// The files of a model: one, or the parts of a split one, which lie side by side under names that end in
/// <c>-00001-of-00003.gguf</c>. The first part has the metadata; the others say which part they are, and have tensors.
/// All headers are read and checked before the first weight.
/// </summary>
internal sealed class GgufParts : IDisposable
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorCountKey = "split.tensors.count";

    private readonly List<GgufSource> _sources = [];
    private readonly List<GgufPart> _parts = [];
    private readonly ReadCounter _counter;
    private readonly CancellationToken _cancellation;

    private GgufParts(string path, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        (_counter, _cancellation) = (new ReadCounter(progress), cancellation);
        Name = Path.GetFileNameWithoutExtension(path);
    }

    /// <summary>The file's name without its ending, and without the number of a part.</summary>
    public string Name { get; private set; }

    /// <summary>The files in order, one at least.</summary>
    public IReadOnlyList<GgufPart> Files => _parts;

    /// <summary>Bytes of all files together.</summary>
    public long Bytes => _sources.Sum(source => source.Length);

    /// <summary>What the first file says of the model.</summary>
    public GgufMetadata Metadata => _parts[0].File.Metadata;

    /// <summary>Opens a model's only file, or its first, and all others; reads their headers.</summary>
    /// <exception cref="GgufException">A file is malformed, or a part is missing or belongs to something else.</exception>
    public static GgufParts Open(string path, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        var parts = new GgufParts(path, progress, cancellation);
        try
        {
            parts.OpenAll(path);
            return parts;
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads what is left and returns the digest of what was loaded, 64 lower-case hexadecimal digits: SHA-256 of the file, or
    /// of the digests of the parts, one after another.
    /// </summary>
    public string Finish()
    {
        var digests = _sources.Select(source => source.Finish()).ToArray();
        return digests.Length == 1 ? digests[0] : Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(string.Concat(digests))));
    }

    public void Dispose()
    {
        foreach (var source in _sources)
            source.Dispose();
    }

    private void OpenAll(string path)
    {
        Add(path);
        _parts.Add(ReadHeader(0));
        var count = Metadata.Int32(CountKey, 0, EngineLimits.SplitFilesMax, 1);
        if (count > 1)
            OpenOthers(path, count);
        _counter.Start(Bytes);
    }

    private void OpenOthers(string path, int count)
    {
        var first = Path.GetFileName(path);
        if (Metadata.Int32(NumberKey, 0, count - 1) is var number and not 0)
            throw Bad($"{first} is part {number + 1} of {count} of a model; the first part is the one to load.");
        if (!first.EndsWith(Ending(0, count), StringComparison.Ordinal))
            throw Bad($"{first} is part 1 of {count} of a model; its name must end in {Ending(0, count)}, so that the others can be found.");
        var stem = path[..^Ending(0, count).Length];
        Name = Path.GetFileName(stem);
        for (var index = 1; index < count; index++)
        {
            if (!File.Exists(stem + Ending(index, count)))
                throw Bad($"{Path.GetFileName(stem + Ending(index, count))}, part {index + 1} of {count} of the model, is missing.");
            Add(stem + Ending(index, count));
        }

        for (var index = 1; index < count; index++)
            _parts.Add(ReadOther(Path.GetFileName(stem + Ending(index, count)), index, count));
        CheckTensors();
    }

    private GgufPart ReadOther(string name, int index, int count)
    {
        try
        {
            var part = ReadHeader(index);
            var (number, itsCount) = (part.File.Metadata.UInt32(NumberKey), part.File.Metadata.UInt32(CountKey));
            return number == index && itsCount == count
                ? part
                : throw Bad($"It says that it is part {number + 1L} of {itsCount}, and should be part {index + 1} of {count}.");
        }
        catch (GgufException exception)
        {
            throw new GgufException(exception.Error, $"{name}: {exception.Message}", exception);
        }
    }

    private void CheckTensors()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in _parts.SelectMany(part => part.File.Tensors))
        {
            if (!names.Add(tensor.Name))
                throw new GgufException(GgufError.DuplicateTensor, $"The tensor {tensor.Name} stands in two parts.");
        }

        if (names.Count > EngineLimits.TensorsMax)
            throw new GgufException(GgufError.TooLarge, $"The parts have {names.Count} tensors; the limit is {EngineLimits.TensorsMax}.");
        if (Metadata.Int32(TensorCountKey, 0, EngineLimits.TensorsMax, names.Count) is var declared && declared != names.Count)
            throw Bad($"{TensorCountKey} is {declared}, but the parts have {names.Count} tensors.");
    }

    private void Add(string path) => _sources.Add(new GgufSource(path, _counter, _cancellation));

    private GgufPart ReadHeader(int index) => new(_sources[index], new GgufReader(_sources[index]).Read());

    private static string Ending(int index, int count) => string.Create(CultureInfo.InvariantCulture, $"-{index + 1:D5}-of-{count:D5}.gguf");

    private static GgufException Bad(string message) => new(GgufError.BadSplit, message);
}
