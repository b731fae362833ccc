using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Flotilla.Gateway.Idempotency;

/// <summary>One run for one client or several: its answer grows here, and every client that asks for it reads along from the first byte.</summary>
/// <param name="fingerprint">SHA-256 of the path and the body.</param>
/// <param name="pace">Where the run goes at its reader's pace, and not without one: its rules. Null where it goes on by itself, and all of its answer is kept.</param>
internal sealed class Execution(byte[] fingerprint, ReaderPace? pace = null) : ICallConsumer
{
    // Of the request that reads along, not of the one that is answered.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase) { "x-request-id", "openai-processing-ms", "Date", "Transfer-Encoding" };
    private readonly Lock _lock = new();
    private readonly List<byte[]> _pieces = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ApiError? _refusal;
    private bool _begun;
    private bool _ended;
    private bool _broken;
    private bool _replayed;
    private int _looked;

    /// <summary>SHA-256 of the path and the body.</summary>
    public byte[] Fingerprint => fingerprint;

    /// <summary>Whether a repeat should get the same answer: another try at what failed may go better.</summary>
    public bool IsFinal => Status is < 500 and not (402 or 408 or 409 or 429);

    /// <summary>Whether somebody may read its own body, which no limit has let in yet, to see whether it is this one; one at a time, and <see cref="EndLook"/> follows.</summary>
    public bool TryLook() => Interlocked.CompareExchange(ref _looked, 1, 0) == 0;

    /// <summary>It knows.</summary>
    public void EndLook() => Volatile.Write(ref _looked, 0);

    /// <summary>HTTP status; 0 before the answer begins.</summary>
    public int Status { get; private set; }

    /// <summary>Bytes of the body so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The headers that a repeat gets too.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; private set; } = [];

    /// <summary>The body so far.</summary>
    public byte[] Body
    {
        get
        {
            lock (_lock)
                return [.. _pieces.SelectMany(piece => piece)];
        }
    }

    public void Begin(int status, IHeaderDictionary headers) =>
        Begin(status, [.. headers.Where(h => !Own.Contains(h.Key)).Select(h => KeyValuePair.Create(h.Key, h.Value.ToString()))]);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        if (pace is not { IsOpen: false } && Bytes + piece.Length > GatewayLimits.CallAnswerBytesMax)
            throw new InvalidOperationException($"An answer that can be repeated exceeds {GatewayLimits.CallAnswerBytesMax} bytes, which is the most that is gathered in memory.");
        Change(() =>
        {
            _pieces.Add(piece.ToArray());
            Bytes += piece.Length;
        });
        if (pace is null)
            return;
        await pace.WaitAsync(_pieces.Count, cancellation);
        if (Bytes > GatewayLimits.AttachBytesMax && pace.TryClose(_pieces.Count))
            Change(() => _pieces[^1] = []);
    }

    public ValueTask ReadyAsync(CancellationToken cancellation) => pace?.WaitAsync(pieces: 0, cancellation) ?? ValueTask.CompletedTask;

    /// <summary>The answer of an earlier run.</summary>
    public void Replay(int status, KeptAnswer kept)
    {
        _replayed = true;
        Begin(status, kept.HeaderPairs());
        Change(() => _pieces.Add(kept.Body));
        End(broken: false);
    }

    /// <summary>There is no answer, and why.</summary>
    public void Refuse(ApiError error) => Change(() => (_refusal, _begun, _ended) = (error, true, true));

    /// <summary>Nothing more will come.</summary>
    /// <param name="broken">The answer broke off.</param>
    public void End(bool broken) => Change(() => (_broken, _begun, _ended) = (broken || !_begun, true, true));

    /// <summary>Hands the answer to a client, from its beginning and as it comes.</summary>
    /// <param name="http">Whom.</param>
    /// <param name="repeat">Whether somebody else's request began the run.</param>
    /// <param name="time">The clock.</param>
    public async Task CopyToAsync(HttpContext http, bool repeat, TimeProvider time)
    {
        var sent = 0;
        while (true)
        {
            var (pieces, ended, changed) = Since(sent);
            if (_refusal is { } refusal)
            {
                await ErrorResponse.WriteAsync(http, refusal);
                return;
            }

            if (_begun && sent == 0 && !http.Response.HasStarted && Status > 0)
                Head(http, repeat || _replayed);
            foreach (var piece in pieces)
            {
                if (!await TryWriteAsync(http, piece, time))
                    return;
            }

            sent += pieces.Length;
            pace?.Taken(sent);
            if (ended)
                break;
            await changed.WaitAsync(http.RequestAborted);
        }

        if (_broken)
            http.Abort();
        else if (!http.Response.HasStarted)
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    /// <summary>Hands on a piece, a part at a time: whoever stops reading is not waited for, and keeps the answer in memory no longer.</summary>
    private static async ValueTask<bool> TryWriteAsync(HttpContext http, ReadOnlyMemory<byte> piece, TimeProvider time)
    {
        for (var from = 0; from < piece.Length; from += GatewayLimits.RepeatWriteBytes)
        {
            using var patience = new Patience(GatewayLimits.SlowReaderTimeout, GatewayLimits.SlowReaderTimeout, time, http.RequestAborted);
            try
            {
                var written = await http.Response.BodyWriter.WriteAsync(piece[from..Math.Min(piece.Length, from + GatewayLimits.RepeatWriteBytes)], patience.Token);
                // The connection is gone.
                if (written.IsCompleted)
                    return false;
            }
            catch (OperationCanceledException) when (patience.Token.IsCancellationRequested)
            {
                http.Abort();
                return false;
            }
        }

        return true;
    }

    private void Begin(int status, IReadOnlyList<KeyValuePair<string, string>> headers) => Change(() => (Status, Headers, _begun) = (status, headers, true));

    private void Head(HttpContext http, bool repeat)
    {
        http.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
            http.Response.Headers[name] = value;
        if (repeat)
            http.Response.Headers["Idempotent-Replayed"] = "true";
        // A model may think for longer than Kestrel's minimum rate allows.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private (byte[][] Pieces, bool Ended, Task Changed) Since(int sent)
    {
        lock (_lock)
            return ([.. _pieces.Skip(sent)], _ended, _changed.Task);
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
