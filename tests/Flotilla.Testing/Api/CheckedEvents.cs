using System.Text;

namespace Flotilla.Testing.Api;

/// <summary>A stream of server-sent events of which each is looked at as it passes.</summary>
/// <param name="inner">The stream.</param>
/// <param name="check">Takes an event's name, where it has one, and its data; throws where it is wrong.</param>
internal sealed class CheckedEvents(Stream inner, Action<string?, string> check) : Stream
{
    private const string NameField = "event: ";
    private const string DataField = "data: ";
    private readonly List<byte> _line = [];
    private string? _name;
    private string? _data;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Take(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Take(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b != (byte)'\n')
            {
                _line.Add(b);
                continue;
            }

            Line(Encoding.UTF8.GetString([.. _line]));
            _line.Clear();
        }
    }

    private void Line(string line)
    {
        if (line.StartsWith(NameField, StringComparison.Ordinal))
            _name = line[NameField.Length..];
        else if (line.StartsWith(DataField, StringComparison.Ordinal))
            _data = line[DataField.Length..];
        if (line.Length > 0 || _data is null)
            return;
        check(_name, _data);
        (_name, _data) = (null, null);
    }
}
