using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.Gateway.Calls;

/// <summary>Stands where a socket's connection stands: hands a request's bytes in, takes the response's bytes out, and can be cut.</summary>
internal sealed class CallConnection : IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IRequestBodyPipeFeature, IDisposable
{
    private readonly CallWriter _writer;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _completed = new();
    private CancellationTokenSource _aborted = new();
    private Stream? _stream;

    public CallConnection(InternalCall call, ICallConsumer consumer, CancellationToken cancellation)
    {
        Consumer = consumer;
        Reader = call.Body;
        _writer = new CallWriter(this);
        RequestAborted = _aborted.Token;
        _cancellation = cancellation.UnsafeRegister(static connection => ((CallConnection)connection!).Abort(), this);
    }

    public ICallConsumer Consumer { get; }

    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>Whether the work is done: see <see cref="TryFinishAsync(HttpContext)"/>.</summary>
    public bool IsFinished { get; private set; }

    public PipeReader Reader { get; }

    public PipeWriter Writer => _writer;

    public Stream Stream => _stream ??= _writer.AsStream();

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException("The body of an internal call's response is not to be replaced.");
    }

    public bool HasStarted { get; private set; }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>The work of a request is done and will be charged. Where it is a call of the gateway to itself, its answer stands from now on, also when
    /// a cancellation has come meanwhile: nobody pays for what is then thrown away. A client at a socket leaves when it likes.</summary>
    /// <returns>False where nobody is there to have it, and nobody came while one might: what was not flushed is not charged then.</returns>
    public static async ValueTask<bool> TryFinishAsync(HttpContext http) =>
        http.Features.Get<IHttpRequestLifetimeFeature>() is not CallConnection connection || await connection.TryFinishAsync();

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    public void Abort() => _aborted.Cancel();

    public void DisableBuffering()
    {
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => BeginAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    /// <summary>Status and headers are final.</summary>
    public async Task BeginAsync()
    {
        if (HasStarted)
            return;
        while (_starting.TryPop(out var starting))
            await starting.Callback(starting.State);
        HasStarted = true;
        if (!IsAborted)
            Consumer.Begin(StatusCode, Headers);
    }

    /// <summary>The response is written; the consumer has all of it when this returns, unless the call was cut.</summary>
    public async Task CompleteAsync()
    {
        if (!IsAborted)
            await _writer.FlushAsync(CancellationToken.None);
        while (_completed.TryPop(out var completed))
            await completed.Callback(completed.State);
    }

    public void Dispose()
    {
        _cancellation.Dispose();
        _aborted.Dispose();
    }

    private async ValueTask<bool> TryFinishAsync()
    {
        if (IsFinished)
            return true;
        try
        {
            await Consumer.ReadyAsync(RequestAborted);
        }
        catch (OperationCanceledException) when (IsAborted)
        {
            return false;
        }

        // Waits for a cancellation that is under way: behind this none comes.
        _cancellation.Dispose();
        _aborted.Dispose();
        _aborted = new CancellationTokenSource();
        RequestAborted = _aborted.Token;
        return IsFinished = true;
    }
}
