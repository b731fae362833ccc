using System.Globalization;
using System.Text;
using Xunit;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>
/// Gives a part of the engine one hostile input after another, each made from its own seed. By hand for longer: the environment
/// variable <c>FLOTILLA_FUZZ_ITERATIONS</c> says how many inputs, <c>FLOTILLA_FUZZ_SEED</c> which is the first.
/// </summary>
internal static class FuzzRun
{
    private const string IterationsVariable = "FLOTILLA_FUZZ_ITERATIONS";
    private const string SeedVariable = "FLOTILLA_FUZZ_SEED";

    /// <summary>What any input may cost: twice its size and 16 MiB, the promise of fault F30.</summary>
    private const long AllocationSlack = 16 * 1024 * 1024;

    /// <summary>Where inputs lie while they are tried, so that one that ends the process stays behind.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "fuzz")).FullName;

    /// <summary>Bytes that an input of such a size may make a reader allocate.</summary>
    public static long AllocationMax(long inputBytes) => (2 * inputBytes) + AllocationSlack;

    /// <summary>Runs a target, on a small stack.</summary>
    /// <param name="name">The target's name, of which the inputs' files are called.</param>
    /// <param name="iterations">Inputs, unless the environment says otherwise.</param>
    /// <param name="make">Makes the input of a seed.</param>
    /// <param name="feed">Tries it: the file that holds it, and its bytes. Any exception is a finding; returns whether the input was accepted.</param>
    /// <returns>How many inputs were accepted, and how many refused.</returns>
    public static (int Accepted, int Refused) Run(string name, int iterations, Func<Random, byte[]> make, Func<string, byte[], bool> feed) => SmallStack.Run(() =>
    {
        var first = Number(SeedVariable, 0);
        var count = Number(IterationsVariable, iterations);
        var accepted = 0;
        for (var seed = first; seed < first + count; seed++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var input = make(new Random(seed));
            var path = Path.Combine(Folder, $"{name}-{seed}");
            File.WriteAllBytes(path, input);
            try
            {
                accepted += feed(path, input) ? 1 : 0;
            }
            catch (Exception exception)
            {
                throw new FuzzException($"{name}, seed {seed}, input kept in {path}: {exception.GetType().Name}: {exception.Message}", exception);
            }

            File.Delete(path);
        }

        return (accepted, count - accepted);
    });

    /// <summary>The same of texts.</summary>
    public static (int Accepted, int Refused) RunTexts(string name, int iterations, Func<Random, string> make, Func<string, bool> feed) =>
        Run(name, iterations, random => Encoding.UTF8.GetBytes(make(random)), (_, input) => feed(Encoding.UTF8.GetString(input)));

    /// <summary>Runs an action and checks what it allocated, in all, whether it succeeds or not.</summary>
    public static T Measured<T>(long allocationMax, Func<T> action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        T result;
        try
        {
            result = action();
        }
        catch (Exception exception)
        {
            Check(before, allocationMax, exception);
            throw;
        }

        Check(before, allocationMax, null);
        return result;
    }

    private static void Check(long before, long allocationMax, Exception? refusal)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > allocationMax)
            throw new FuzzException($"{allocated} bytes were allocated; {allocationMax} are allowed.", refusal);
    }

    private static int Number(string variable, int fallback) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : fallback;
}
