using System.Buffers;
using System.Globalization;
using System.Text;
using Flotilla.Node.Runtimes.Command;
using Flotilla.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Node.Tests.Runtimes.Command;

/// <summary>Real programs that behave, and real programs that do not.</summary>
public sealed class ProgramChainTests
{
    private static readonly CommandOptions Limits = new() { Model = "m", Does = CommandTask.Speech, Programs = [], Seconds = 60, OutputMegabytes = 1, DiskMegabytes = 1, Processes = 8 };

    private readonly TaskCompletionSource _spoke = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _output = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Output => Encoding.UTF8.GetString(_output.WrittenSpan);

    [Fact]
    public async Task Each_program_reads_what_the_one_before_writes()
    {
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["tr", "a-z", "A-Z"], ["rev"], ["cat"]], "hello\n"));
        Assert.Equal("OLLEH\n", Output);
    }

    [Fact]
    public async Task A_program_that_writes_before_it_has_read_all_is_not_held_up()
    {
        var input = string.Concat(Enumerable.Repeat("0123456789abcde\n", 40_000));
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["cat"], ["cat"]], input));
        Assert.Equal(input, Output);
    }

    [Fact]
    public async Task More_than_the_last_program_may_be_given_ends_the_job()
    {
        using var folder = new WorkFolder(NullLogger.Instance);
        using var chain = new ProgramChain(Limits, folder, TimeProvider.System) { PassedMax = 100_000 };

        var end = await chain.RunAsync([["cat"], ["cat"]], new byte[1_000_000], static (_, _) => ValueTask.CompletedTask, Ct);

        Assert.Equal(ProgramEnd.TooLong, end);
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_is_no_failure() =>
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["true"]], new string('x', 500_000)));

    [Theory]
    [InlineData("-c")]
    [InlineData("$(id)")]
    [InlineData("a;b|c>d\n'\"\\")]
    [InlineData("\u00fc \u65e5\u672c")]
    public async Task An_argument_arrives_as_it_is(string argument)
    {
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["printf", "%s", argument]]));
        Assert.Equal(argument, Output);
    }

    [Fact]
    public async Task A_program_sees_nothing_of_the_nodes_environment()
    {
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["env"]]));
        Assert.Equal(["HOME", "LANG", "PATH", "TMPDIR"], Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("exit 3")]
    [InlineData("kill -9 $$")]
    [InlineData("head -c 500m /dev/zero | tail -c 400m")]
    public async Task A_program_that_fails_is_told(string script) =>
        Assert.Equal(ProgramEnd.Failed, await RunAsync([["sh", "-c", script]], limits: Limits with { MemoryMegabytes = 64 }));

    [Fact]
    public async Task Of_several_programs_the_first_that_fails_is_told() =>
        Assert.Equal(ProgramEnd.Failed, await RunAsync([["sh", "-c", "echo x; exit 1"], ["cat"]]));

    [Fact]
    public async Task A_program_that_spews_is_ended() =>
        Assert.Equal(ProgramEnd.TooMuchOutput, await RunAsync([["yes"]]));

    [Fact]
    public async Task A_program_that_complains_without_end_is_ended_with_its_time()
    {
        var time = new ManualTimeProvider();
        var run = RunAsync([["sh", "-c", "echo $$; exec 1>&-; yes >&2"]], time: time);
        await _spoke.Task;
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ProgramEnd.TimedOut, await run);
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_with_all_it_started()
    {
        var time = new ManualTimeProvider();
        var run = RunAsync([["sh", "-c", "sleep 1000 & echo $$; sleep 1000"]], time: time);
        await _spoke.Task;
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ProgramEnd.TimedOut, await run);
        await NobodyLeftAsync();
    }

    [Fact]
    public async Task Cancelling_ends_it_with_all_it_started()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync([["sh", "-c", "trap '' TERM INT HUP; sleep 1000 & echo $$; sleep 1000; sleep 1000"]], ct: stop.Token);
        await _spoke.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await NobodyLeftAsync();
    }

    [Fact]
    public async Task What_a_program_leaves_behind_goes_with_it_and_is_not_waited_for()
    {
        Assert.Equal(ProgramEnd.Completed, await RunAsync([["sh", "-c", "sleep 1000 & sleep 1000 & echo $$"]]));
        await NobodyLeftAsync();
    }

    [Fact]
    public async Task A_program_that_forks_without_end_is_ended()
    {
        Assert.Equal(ProgramEnd.TooManyProcesses, await RunAsync([["sh", "-c", "echo $$; i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; wait"]]));
        await NobodyLeftAsync();
    }

    [Fact]
    public async Task A_program_that_fills_the_disk_is_ended() =>
        Assert.Equal(ProgramEnd.TooMuchDisk, await RunAsync([["sh", "-c", "for i in 1 2 3; do head -c 900k /dev/zero > $i; done; sleep 1000"]]));

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync([["flotilla-no-such-program"]]));
        Assert.Contains("flotilla-no-such-program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_breaks_ends_the_programs()
    {
        using var folder = new WorkFolder(NullLogger.Instance);
        using var chain = new ProgramChain(Limits, folder, TimeProvider.System);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => chain.RunAsync(
            [["yes"], ["cat"]], default, (_, _) => throw new InvalidOperationException("broken"), Ct));
        Assert.Equal("broken", e.Message);
    }

    [Fact]
    public void The_working_folder_goes_with_the_job()
    {
        string path;
        using (var folder = new WorkFolder(NullLogger.Instance))
        {
            path = folder.FullName;
            File.WriteAllText(folder.PathOf("input"), "12345");
            Directory.CreateSymbolicLink(folder.PathOf("link"), "/etc");
            Assert.Equal(5, folder.Size());
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }

        Assert.False(Directory.Exists(path));
        Assert.True(Directory.Exists("/etc"));
    }

    private async Task<ProgramEnd> RunAsync(
        IReadOnlyList<IReadOnlyList<string>> runs, string input = "", CommandOptions? limits = null, TimeProvider? time = null, CancellationToken? ct = null)
    {
        using var folder = new WorkFolder(NullLogger.Instance);
        using var chain = new ProgramChain(limits ?? Limits, folder, time ?? TimeProvider.System);
        return await chain.RunAsync(runs, Encoding.UTF8.GetBytes(input), TakeAsync, ct ?? Ct);
    }

    private ValueTask TakeAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        _output.Write(piece.Span);
        _spoke.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>The scripts say their process id, which names their session. A killed process needs a moment to be gone.</summary>
    private async Task NobodyLeftAsync()
    {
        var session = int.Parse(Output.Split('\n')[0], CultureInfo.InvariantCulture);
        while (ProcessSession.Members(session).Count > 0)
        {
            Ct.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
