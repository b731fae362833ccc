using System.Diagnostics.CodeAnalysis;

namespace Flotilla.Protocol.Link;

/// <summary>The parts of the world in which a node can say that it stands.</summary>
public static class Regions
{
    /// <summary>North America, Europe, South-East Asia, the Middle East, South America.</summary>
    public static IReadOnlyList<string> All { get; } = ["NA", "EU", "SEA", "ME", "SA"];

    /// <summary>Reads a region in either case, as people write it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? region)
    {
        region = All.FirstOrDefault(r => r.Equals(text, StringComparison.OrdinalIgnoreCase));
        return region is not null;
    }
}
