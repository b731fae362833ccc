using System.Collections.Frozen;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A video as an OpenAI-compatible server tells of it.</summary>
/// <param name="Id">Its name there, fit for a path.</param>
/// <param name="Status">In the server's word.</param>
/// <param name="Error">Why there is none; null where nothing is said.</param>
public sealed record UpstreamVideo(string Id, string Status, UpstreamError? Error)
{
    private static readonly FrozenSet<string> Open = FrozenSet.Create(StringComparer.Ordinal, "queued", "pending", "in_progress", "processing", "running");

    /// <summary>Whether it may still be made.</summary>
    public bool IsOpen => Open.Contains(Status);

    /// <summary>Whether its file is there.</summary>
    public bool IsMade => Status is "completed" or "succeeded";

    /// <summary>Reads a server's answer about a video.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static UpstreamVideo Read(ReadOnlyMemory<byte> body)
    {
        using var document = UpstreamJson.Document(body);
        var root = document.RootElement;
        // It becomes part of a path.
        var id = UpstreamJson.Text(root, "id") is { } name && LinkNames.IsName(name) && !name.Contains('/', StringComparison.Ordinal) && name is not ("." or "..")
            ? name
            : throw new InvalidDataException("its video has no id that could stand in a path");
        return new UpstreamVideo(id, UpstreamJson.Text(root, "status") ?? "", UpstreamError.TryRead(root, out var error) ? error : null);
    }
}
