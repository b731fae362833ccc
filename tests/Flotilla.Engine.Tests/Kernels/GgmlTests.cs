using System.Runtime.InteropServices;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>
/// Rows of every type, widened by llama.cpp's own library, which npm brings ready-made for Linux on x64 as a package of
/// tests/clients. Random bytes, so what no quantiser would write is compared too.
/// </summary>
public sealed class GgmlTests
{
    /// <summary>Where <c>struct ggml_type_traits</c> has <c>to_float</c>: behind a name, three 64-bit integers and a padded Boolean.</summary>
    private const int ToFloatOffset = 5 * sizeof(long);

    /// <summary>Every type but F32, for which there is nothing to widen.</summary>
    public static TheoryData<WeightType> Types => [.. Enum.GetValues<WeightType>().Where(type => type != WeightType.F32)];

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint GetTypeTraits(int type);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void ToFloat(byte[] source, float[] target, long count);

    [Theory]
    [MemberData(nameof(Types))]
    public void CopyRow_is_ggmls_to_float(WeightType type)
    {
        var library = Library();
        Assert.SkipWhen(library is null, "The npm package @node-llama-cpp/linux-x64 is not installed; ./test installs it on Linux on x64.");
        var getTraits = Marshal.GetDelegateForFunctionPointer<GetTypeTraits>(NativeLibrary.GetExport(NativeLibrary.Load(library), "ggml_get_type_traits"));
        var traits = getTraits((int)type);
        Assert.Equal(type.ToString(), Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(traits)), ignoreCase: true);
        var toFloat = Marshal.GetDelegateForFunctionPointer<ToFloat>(Marshal.ReadIntPtr(traits, ToFloatOffset));
        KernelTests.ForRandom(KernelWidth.Scalar, (_, random) =>
        {
            var rows = new RandomRows(type, random.Next(1, 20), WeightEncoder.BlockOf(type).Columns == 1 ? 64 : 3, random);
            var (expected, copy) = (new float[rows.Matrix.Columns], new float[rows.Matrix.Columns]);
            for (var row = 0; row < rows.Matrix.Rows; row++)
            {
                toFloat(rows.Row(row).ToArray(), expected, expected.Length);
                rows.Matrix.CopyRow(row, copy);
                KernelTests.Same(expected, copy);
            }
        });
    }

    private static string? Library()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return null;
        var folder = Path.Combine(Engines.RepositoryRoot, "tests", "clients", "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "libggml-base*.so*").FirstOrDefault() : null;
    }
}
