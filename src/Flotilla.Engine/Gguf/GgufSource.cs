using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.Engine.Gguf;

/// <summary>
/// A model file, read once from front to back into owned memory. Never mapped: a file cut short under a map kills the
/// process. Every byte that is handed out or skipped also goes into the digest, so the digest is of what was loaded, even
/// if the file changes meanwhile.
/// </summary>
internal sealed class GgufSource : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer;
    private readonly ReadCounter _counter;
    private readonly CancellationToken _cancellation;
    private long _filePosition;
    private int _start;
    private int _end;

    public GgufSource(string path, ReadCounter counter, CancellationToken cancellation)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        Length = RandomAccess.GetLength(_file);
        _buffer = new byte[(int)Math.Min(BufferBytes, Math.Max(Length, 1))];
        _counter = counter;
        _cancellation = cancellation;
    }

    /// <summary>The file's length when it was opened.</summary>
    public long Length { get; }

    /// <summary>Offset of the next byte.</summary>
    public long Position => _filePosition - (_end - _start);

    /// <summary>Bytes from <see cref="Position"/> to the end.</summary>
    public long Remaining => Length - Position;

    /// <summary>Fills the whole span, or throws <see cref="GgufError.Truncated"/>.</summary>
    public void Read(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            if (_start == _end)
                Fill();
            var count = Math.Min(target.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(target);
            _start += count;
            target = target[count..];
        }
    }

    /// <summary>Goes forward to an offset that is not behind <see cref="Position"/>.</summary>
    public void SkipTo(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, Position);
        while (Position < offset)
        {
            if (_start == _end)
                Fill();
            _start += (int)Math.Min(offset - Position, _end - _start);
        }
    }

    /// <summary>Reads what is left and returns the digest of the file, 64 lower-case hexadecimal digits.</summary>
    public string Finish()
    {
        SkipTo(Length);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
    }

    private void Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        var wanted = (int)Math.Min(_buffer.Length, Length - _filePosition);
        var read = wanted == 0 ? 0 : RandomAccess.Read(_file, _buffer.AsSpan(0, wanted), _filePosition);
        if (read == 0)
            throw new GgufException(GgufError.Truncated, $"The file ends at byte {_filePosition}, inside what is being read.");
        _hash.AppendData(_buffer, 0, read);
        _filePosition += read;
        (_start, _end) = (0, read);
        _counter.Add(read);
    }
}
