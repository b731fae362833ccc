using System.Buffers;
using System.Text.Json;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.State;

namespace Flotilla.Gateway.Batches;

/// <summary>A file of answers that grows line by line; what a line's answer was is known after a crash from here alone.</summary>
/// <remarks>
/// A line is one write, and reaches the operating system before the next: <c>kill -9</c> loses none. The end of one that a
/// power cut has torn is cut off. Nothing is brought to the disk before the end, because a line that is lost is run again, at no charge where it was charged.
/// </remarks>
internal sealed class BatchOutput(Blobs blobs, string id) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file = blobs.Resume(id);

    private readonly HashSet<int> _recovered = [];
    private BatchUsage _usage;
    private int _count;

    /// <summary>The lines that an earlier process had written.</summary>
    public IReadOnlySet<int> Recovered => _recovered;

    /// <summary>Tokens of the answers.</summary>
    public BatchUsage Usage
    {
        get
        {
            lock (_lock)
                return _usage;
        }
    }

    /// <summary>Whether a line is among them whose time was over before it ran.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>How many lines there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    /// <summary>Reads what an earlier process wrote.</summary>
    public async Task RecoverAsync(CancellationToken cancellation)
    {
        var end = 0L;
        await foreach (var line in BatchFile.LinesAsync(blobs.OpenUnfinished(id), long.MaxValue, cancellation))
        {
            if (!line.IsEnded)
                break;
            using var document = JsonDocument.Parse(line.Bytes);
            var root = document.RootElement;
            if (_recovered.Add(BatchNames.LineOf(root.GetProperty("id").GetString()!)) && root.GetProperty("response") is { ValueKind: JsonValueKind.Object } response)
                _usage += BatchUsage.Of(response.GetProperty("body"));
            HasExpired |= root.GetProperty("error") is { ValueKind: JsonValueKind.Object } error && error.GetProperty("code").ValueEquals(BatchFault.Expired);
            end = line.End;
        }

        _count = _recovered.Count;
        _file.SetLength(end);
        _file.Seek(end, SeekOrigin.Begin);
    }

    /// <summary>Writes what a line was answered.</summary>
    public void Answer(string batch, BatchLine line, string request, CallAnswer answer)
    {
        using var body = Parsed(answer.Body);
        Append(line.Number, batch, line.CustomId, json =>
        {
            json.WriteStartObject("response");
            json.WriteNumber("status_code", answer.Status);
            json.WriteString("request_id", request);
            json.WritePropertyName("body");
            body.RootElement.WriteTo(json);
            json.WriteEndObject();
            json.WriteNull("error");
        }, BatchUsage.Of(body.RootElement));
    }

    /// <summary>Writes why a line was not run.</summary>
    public void Refuse(string batch, BatchLine line, BatchFault fault)
    {
        HasExpired |= fault.Code == BatchFault.Expired;
        Append(line.Number, batch, line.CustomId, json =>
        {
            json.WriteNull("response");
            json.WriteStartObject("error");
            json.WriteString("code", fault.Code);
            json.WriteString("message", fault.Message);
            json.WriteString("param", fault.Param);
            json.WriteNumber("line", line.Number);
            json.WriteEndObject();
        }, default);
    }

    /// <summary>Makes the file durable under its name.</summary>
    /// <returns>Its bytes.</returns>
    public Task<long> FinishAsync() => blobs.FinishAsync(id, _file);

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static JsonDocument Parsed(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            // An endpoint that answers with other things than JSON: a line of a JSONL file can't hold them.
            return JsonDocument.Parse("null");
        }
    }

    private void Append(int number, string batch, string? customId, Action<Utf8JsonWriter> rest, BatchUsage usage)
    {
        var text = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("id", BatchNames.OfLine(batch, number));
            json.WriteString("custom_id", customId);
            rest(json);
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        lock (_lock)
        {
            _file.Write(text.WrittenSpan);
            _count++;
            _usage += usage;
        }
    }
}
