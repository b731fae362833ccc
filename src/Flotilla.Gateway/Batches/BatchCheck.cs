using System.Text.Json;
using Flotilla.Gateway.Files;

namespace Flotilla.Gateway.Batches;

/// <summary>What reading a batch's file through has shown. Two readings show the same.</summary>
internal sealed class BatchCheck
{
    private readonly HashSet<int> _twins = [];
    private readonly List<BatchFault> _faults = [];
    private int _good;

    /// <summary>Its lines, good and bad.</summary>
    public int Total { get; private set; }

    /// <summary>The model of the first good line.</summary>
    public string? Model { get; private set; }

    /// <summary>Whether not a line can be run.</summary>
    public bool IsHopeless => _good == 0 || _faults.Any(f => f.Line is null);

    /// <summary>The first faults as a JSON array; null where there is none. The error file has every one.</summary>
    public string? ErrorsJson => _faults.Count == 0 ? null : JsonSerializer.Serialize(_faults, BatchJson.Default.ListBatchFault);

    /// <summary>Reads the file through.</summary>
    public static async Task<BatchCheck> ReadAsync(FileTable files, BatchRow batch, CancellationToken cancellation)
    {
        var check = new BatchCheck();
        var names = new HashSet<string>(StringComparer.Ordinal);
        FileStream file;
        try
        {
            file = files.Blobs.Open(batch.InputFileId);
        }
        catch (FileNotFoundException)
        {
            check._faults.Add(new BatchFault("file_not_found", "The input file was deleted before the batch could read it.", "input_file_id", null));
            return check;
        }

        await foreach (var text in BatchFile.LinesAsync(file, GatewayLimits.BodyBytesMax, cancellation))
        {
            if (++check.Total > GatewayLimits.BatchLinesMax)
            {
                check._faults.Insert(0, new BatchFault("too_many_requests", $"The file has more than {GatewayLimits.BatchLinesMax} lines.", null, null));
                return check;
            }

            var line = BatchLine.Read(text, batch.Endpoint);
            if (line.Fault is null && !names.Add(line.CustomId!))
                check._twins.Add(line.Number);
            if (check.FaultOf(line) is { } fault)
                check.Add(fault);
            else if (check._good++ == 0)
                check.Model = line.Model;
        }

        if (check.Total == 0)
            check.Add(new BatchFault("empty_file", "The file has no lines.", null, null));
        return check;
    }

    /// <summary>Why a line can't be run; null where it can.</summary>
    public BatchFault? FaultOf(BatchLine line) => line.Fault ?? (_twins.Contains(line.Number)
        ? new BatchFault("duplicate_custom_id", "An earlier line has this 'custom_id'.", "custom_id", line.Number)
        : null);

    private void Add(BatchFault fault)
    {
        if (_faults.Count < GatewayLimits.BatchFaultsShownMax)
            _faults.Add(fault);
    }
}
