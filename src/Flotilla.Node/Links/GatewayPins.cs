using Flotilla.Core;

namespace Flotilla.Node.Links;

/// <summary>
/// The keys of the gateways that this node knows, one "origin key" line each. A gateway's key is taken on trust the first
/// time; a name that later answers with another key is not the gateway that the owner joined.
/// </summary>
internal sealed class GatewayPins
{
    /// <summary>The file's name inside the data folder.</summary>
    public const string FileName = "known_gateways";

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SortedDictionary<string, string> _keys = new(StringComparer.Ordinal);

    /// <summary>Reads the file where there is one.</summary>
    /// <exception cref="InvalidDataException">A line of it is no origin and key.</exception>
    public GatewayPins(string dataFolder)
    {
        _path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(_path))
            return;
        foreach (var line in File.ReadAllLines(_path).Where(l => l.Length > 0))
        {
            var parts = line.Split(' ');
            if (parts.Length != 2 || parts[1].Length != 2 * Ed25519.KeyBytes || !parts[1].All(char.IsAsciiHexDigitLower) || !_keys.TryAdd(parts[0], parts[1]))
                throw new InvalidDataException($"{_path} has the line '{line}'; each line is an origin, a space and {2 * Ed25519.KeyBytes} hexadecimal digits, one line an origin.");
        }
    }

    /// <summary>Checks a gateway's key, and keeps it where the origin is new.</summary>
    /// <returns>A sentence that says what is wrong, or null.</returns>
    public string? Check(string origin, ReadOnlySpan<byte> publicKey)
    {
        var key = Convert.ToHexStringLower(publicKey);
        lock (_lock)
        {
            if (_keys.TryGetValue(origin, out var known))
            {
                return known == key
                    ? null
                    : $"{origin} answered with the key {key}, but this node knows it by {known}. If its operator says that the key was changed, remove the line of {origin} from {_path}; if not, somebody stands in between.";
            }

            try
            {
                PrivateFile.Write(_path, string.Concat(_keys.Append(new(origin, key)).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => $"{k.Key} {k.Value}\n")));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A key that is not kept could change unseen at the next start.
                return $"The key of {origin} cannot be kept: {e.Message}";
            }

            _keys.Add(origin, key);
            return null;
        }
    }
}
