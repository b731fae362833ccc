using Flotilla.Engine.Threads;
using Xunit;

namespace Flotilla.Engine.Tests.Threads;

public sealed class ComputePoolTests
{
    /// <summary>Every part once, whether the workers spin, park, come late or not at all.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_every_part_is_done_once(int threads)
    {
        using var pool = new ComputePool(threads, costMin: 0);
        var done = new int[40];
        for (var run = 1; run <= 20_000; run++)
        {
            var parts = run % 41;
            Array.Clear(done);
            pool.Run(parts, (part, worker) =>
            {
                Assert.InRange(worker, 0, threads - 1);
                Interlocked.Increment(ref done[part]);
            });
            for (var part = 0; part < done.Length; part++)
                Assert.Equal(part < parts ? 1 : 0, done[part]);
        }
    }

    [Fact]
    public void Run_a_parts_exception_reaches_the_caller_and_the_pool_goes_on()
    {
        using var pool = new ComputePool(3, costMin: 0);
        for (var run = 0; run < 200; run++)
        {
            var exception = Assert.Throws<InvalidOperationException>(
                () => pool.Run(8, (part, _) => { if (part == 5) throw new InvalidOperationException("five"); }));
            Assert.Equal("five", exception.Message);
            var sum = 0;
            pool.Run(8, (part, _) => Interlocked.Add(ref sum, part));
            Assert.Equal(28, sum);
        }
    }

    [Fact]
    public void PartsFor_little_work_stays_on_one_thread()
    {
        using var pool = new ComputePool(2);
        Assert.Equal(1, pool.PartsFor(1000, ComputePool.CostMinDefault - 1));
        Assert.Equal(4, pool.PartsFor(1000, ComputePool.CostMinDefault));
        Assert.Equal(3, pool.PartsFor(3, long.MaxValue));
    }
}
