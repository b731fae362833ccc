using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Runs the programs of one job, each reading what the one before writes, and ends all they started whatever happens.</summary>
internal sealed class ProgramChain(CommandOptions limits, WorkFolder folder, TimeProvider time) : IDisposable
{
    private readonly List<ProgramProcess> _programs = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _over = new();
    private ExceptionDispatchInfo? _broken;
    private ProgramEnd _end;

    /// <summary>Bytes that the last program wrote.</summary>
    public long Written { get; private set; }

    /// <summary>Bytes that the last program was given by the one before.</summary>
    public long Passed { get; private set; }

    /// <summary>The most bytes that it may be given; there are no more of a sound that can be paid for.</summary>
    public long PassedMax { get; init; } = long.MaxValue;

    /// <summary>Which program failed; the first, where the failure of one is that of the next.</summary>
    public int FailedProgram { get; private set; }

    /// <summary>What that program ended with.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Runs them to their end.</summary>
    /// <param name="runs">Their arguments, in order.</param>
    /// <param name="input">What the first one reads.</param>
    /// <param name="consume">Takes each piece of what the last one writes; the chain waits for it.</param>
    /// <param name="ct">Kills all of them.</param>
    /// <exception cref="OperationCanceledException">Cancelled; no process is left.</exception>
    /// <exception cref="InvalidDataException">A program is not there.</exception>
    public async Task<ProgramEnd> RunAsync(
        IReadOnlyList<IReadOnlyList<string>> runs, ReadOnlyMemory<byte> input, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> consume, CancellationToken ct)
    {
        await using var cancelling = ct.UnsafeRegister(static o => ((CancellationTokenSource)o!).Cancel(), _over);
        await using var clock = time.CreateTimer(_ => Stop(ProgramEnd.TimedOut), null, TimeSpan.FromSeconds(limits.Seconds), Timeout.InfiniteTimeSpan);
        await using var watch = time.CreateTimer(_ => Watch(), null, NodeLimits.CommandWatchInterval, NodeLimits.CommandWatchInterval);
        try
        {
            lock (_lock)
            {
                foreach (var run in runs)
                    _programs.Add(ProgramProcess.Start(run, limits, folder));
            }

            await Task.WhenAll([FeedAsync(_programs[0].Input, input), .. _programs.Select((p, i) => PumpAsync(p, i, consume)), .. _programs.Select(DrainErrorsAsync)]);
        }
        catch (Exception) when (_over.IsCancellationRequested)
        {
            // What broke first is known by now; pipes that break afterwards are part of the end.
            ct.ThrowIfCancellationRequested();
        }
        finally
        {
            await EndAsync();
        }

        _broken?.Throw();
        return _end;
    }

    /// <inheritdoc />
    public void Dispose() => _over.Dispose();

    private async Task EndAsync()
    {
        await _over.CancelAsync();
        lock (_lock)
        {
            foreach (var program in _programs)
                program.Kill();
        }

        foreach (var program in _programs)
        {
            await program.ExitAsync(CancellationToken.None);
            program.Dispose();
        }
    }

    private async Task FeedAsync(Stream first, ReadOnlyMemory<byte> input)
    {
        try
        {
            await first.WriteAsync(input, _over.Token);
            await first.DisposeAsync();
        }
        catch (IOException)
        {
            // A program need not read all; its exit code says whether it was content.
        }
    }

    private async Task PumpAsync(ProgramProcess program, int index, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> consume)
    {
        var next = index + 1 < _programs.Count ? _programs[index + 1].Input : null;
        var buffer = ArrayPool<byte>.Shared.Rent(NodeLimits.CommandPipeBytes);
        try
        {
            // What it left behind holds its pipes open, and would be waited for.
            var exited = ExitedAsync(program);
            for (int read; (read = await program.Output.ReadAsync(buffer, _over.Token)) > 0;)
            {
                if (next is not null)
                    await PassAsync(next, index, buffer.AsMemory(0, read));
                else
                    await TakeAsync(buffer.AsMemory(0, read), consume);
            }

            if (next is not null)
                await next.DisposeAsync();
            if (await exited is not 0 and var code)
                Failed(index, code);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ExitedAsync(ProgramProcess program)
    {
        var code = await program.ExitAsync(_over.Token);
        ProcessSession.Kill(program.Id);
        return code;
    }

    // The others end by themselves, for want of input or of a reader; who failed first in the row is to blame.
    private void Failed(int index, int code)
    {
        lock (_lock)
        {
            if (_end == ProgramEnd.Failed && FailedProgram < index)
                return;
            (_end, FailedProgram, ExitCode) = (ProgramEnd.Failed, index, code);
        }
    }

    private async Task PassAsync(Stream next, int index, ReadOnlyMemory<byte> piece)
    {
        if (index == _programs.Count - 2)
            Passed += piece.Length;
        if (Passed > PassedMax)
        {
            Stop(ProgramEnd.TooLong);
            _over.Token.ThrowIfCancellationRequested();
        }

        try
        {
            await next.WriteAsync(piece, _over.Token);
        }
        catch (IOException)
        {
            // The next one reads no more; what it made of it says whether that is well.
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> piece, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> consume)
    {
        Written += piece.Length;
        if (Written > limits.OutputMegabytes * 1024L * 1024)
        {
            Stop(ProgramEnd.TooMuchOutput);
            _over.Token.ThrowIfCancellationRequested();
        }

        try
        {
            await consume(piece, _over.Token);
        }
        catch (Exception e)
        {
            // The programs would wait for a reader that is gone.
            _broken = ExceptionDispatchInfo.Capture(e);
            await _over.CancelAsync();
            throw;
        }
    }

    // Read so that the program is not held up, and forgotten: complaints may quote a client's text.
    private async Task DrainErrorsAsync(ProgramProcess program)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(NodeLimits.CommandPipeBytes);
        try
        {
            while (await program.Errors.ReadAsync(buffer, _over.Token) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Watch()
    {
        if (folder.Size() > limits.DiskMegabytes * 1024L * 1024)
            Stop(ProgramEnd.TooMuchDisk);
        lock (_lock)
        {
            if (!_over.IsCancellationRequested && _programs.Exists(p => p.Processes > limits.Processes))
                Stop(ProgramEnd.TooManyProcesses);
        }
    }

    /// <summary>Ends the job for a reason; the first one counts, and after the end none does.</summary>
    private void Stop(ProgramEnd reason)
    {
        lock (_lock)
        {
            if (_over.IsCancellationRequested)
                return;
            _end = reason;
            _ = _over.CancelAsync();
        }
    }
}
