using System.Reflection;
using System.Runtime.InteropServices;
using Flotilla.Cli.Bench;
using Xunit;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>llama.cpp as npm brings it for Linux on x64, loaded once.</summary>
internal static class LlamaCppLibrary
{
    private static readonly Lazy<LlamaCpp?> s_llama = new(() => Folder() is { } folder ? new LlamaCpp(folder) : null);

    /// <summary>The library; where it is not installed, the test is skipped.</summary>
    public static LlamaCpp Get()
    {
        Assert.SkipWhen(s_llama.Value is null, "The npm package @node-llama-cpp/linux-x64 is not installed; ./test installs it on Linux on x64.");
        return s_llama.Value;
    }

    /// <summary>Where its files lie; null where it is not installed.</summary>
    public static string? Folder()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return null;
        var root = typeof(LlamaCppLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var folder = Path.Combine(root, "tests", "clients", "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        return Directory.Exists(folder) ? folder : null;
    }
}
