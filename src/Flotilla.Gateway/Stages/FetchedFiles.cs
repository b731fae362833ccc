using System.Buffers.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>The files of one request that were elsewhere, while they are fetched and afterwards.</summary>
internal sealed class FetchedFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _places;
    private readonly Dictionary<string, string> _dataUrls = new(StringComparer.Ordinal);
    private long _room;

    /// <summary>Nothing is fetched yet.</summary>
    /// <param name="request">Names the files, some perhaps in several places.</param>
    /// <param name="bytesMax">What the request may have with all of them in it.</param>
    public FetchedFiles(InferenceRequest request, long bytesMax)
    {
        _places = request.RemoteFiles.CountBy(i => i.Url, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        _room = bytesMax - request.Message.CalculateSize();
    }

    /// <summary>Why one could not be had: the first fault of all.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>The file as a <c>data:</c> URL; null for a URL that is none of them.</summary>
    public string? DataUrlOf(string url) => _dataUrls.GetValueOrDefault(url);

    /// <summary>The bytes that the file at a URL may have at most, in all its places and as base64.</summary>
    public int RoomFor(string url)
    {
        lock (_lock)
            return Base64.GetMaxDecodedFromUtf8Length((int)Math.Max(0, _room / _places[url]));
    }

    /// <summary>Keeps a file; false where others have taken the room meanwhile.</summary>
    public bool TryKeep(string url, string dataUrl)
    {
        lock (_lock)
        {
            _room -= (long)dataUrl.Length * _places[url];
            if (_room < 0)
                return false;
            _dataUrls.Add(url, dataUrl);
            return true;
        }
    }

    /// <summary>Keeps a fault, unless there is one already.</summary>
    public void Fail(ApiError error)
    {
        lock (_lock)
            Error ??= error;
    }
}
