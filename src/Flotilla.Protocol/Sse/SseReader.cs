using System.Buffers;

namespace Flotilla.Protocol.Sse;

/// <summary>Reads the data of server-sent events from a stream that is not trusted: an event over the limit is refused, not stored.</summary>
/// <remarks>
/// Names, ids, retry times and comments are skipped. Lines may end in CR, LF or both; the end of the stream ends a line
/// and an event, because some servers leave out the last blank line. Not thread-safe. The stream stays the caller's.
/// </remarks>
public sealed class SseReader : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Stream _stream;
    private readonly int _eventBytesMax;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _start;
    private int _end;
    private bool _hasData;
    private bool _skipLineFeed;
    private bool _firstLine = true;
    private bool _atEnd;

    /// <summary>Makes a reader.</summary>
    /// <param name="stream">Where the events come from.</param>
    /// <param name="eventBytesMax">Longest event, and longest line.</param>
    public SseReader(Stream stream, int eventBytesMax)
    {
        _stream = stream;
        _eventBytesMax = eventBytesMax;
    }

    /// <summary>Waits for the next event that has data.</summary>
    /// <returns>Its data lines, joined by LF, valid until the next call; null at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">An event or a line is longer than allowed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _data.ResetWrittenCount();
        _hasData = false;
        while (true)
        {
            while (TryTakeLine())
            {
                var ended = EndLine();
                if (ended)
                    return _data.WrittenMemory;
            }

            if (_atEnd)
                return null;
            _start = 0;
            _end = await _stream.ReadAsync(_buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (_end > 0)
                continue;
            _atEnd = true;
            EndLine();
            // Not one conditional expression: its null would turn into empty memory.
            if (_hasData)
                return _data.WrittenMemory;
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        _atEnd = true;
    }

    // Moves bytes into the line until it is complete or the buffer is empty.
    private bool TryTakeLine()
    {
        if (_skipLineFeed && _start < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_start] == '\n')
                _start++;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        var length = rest.IndexOfAny((byte)'\r', (byte)'\n');
        var taken = length < 0 ? rest : rest[..length];
        Append(_line, taken);
        _start += taken.Length;
        if (length < 0)
            return false;
        _skipLineFeed = _buffer[_start++] == '\r';
        return true;
    }

    // Takes the complete line into the event; true where it was the blank line after some data.
    private bool EndLine()
    {
        var line = _line.WrittenSpan;
        if (_firstLine && line.StartsWith("\uFEFF"u8))
            line = line["\uFEFF"u8.Length..];
        _firstLine = false;
        var blank = line.IsEmpty;
        if (line.StartsWith("data"u8) && (line.Length == 4 || line[4] == ':'))
        {
            var value = line.Length == 4 ? [] : line[5..];
            if (value.StartsWith((byte)' '))
                value = value[1..];
            if (_hasData)
                Append(_data, "\n"u8);
            Append(_data, value);
            _hasData = true;
        }

        _line.ResetWrittenCount();
        return blank && _hasData;
    }

    private void Append(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> bytes)
    {
        if (target.WrittenCount + bytes.Length > _eventBytesMax)
            throw new InvalidDataException($"The event stream holds an event of more than {_eventBytesMax} bytes.");
        target.Write(bytes);
    }
}
