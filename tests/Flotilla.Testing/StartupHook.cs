using System.Reflection;
using System.Runtime.Loader;

/// <summary>
/// Runs a test program in a .NET runtime that is bound to another program, as <c>tests/arm64/run</c> does: DOTNET_STARTUP_HOOKS names
/// this assembly, the first argument the test program. .NET prescribes the type's name, and that it is in no namespace.
/// </summary>
internal static class StartupHook
{
    /// <summary>Called by the runtime ahead of the other program, which never begins.</summary>
    public static void Initialize()
    {
        var arguments = Environment.GetCommandLineArgs();
        if (arguments.Length < 2)
            throw new InvalidOperationException("The first argument must be the path of a test program.");
        var path = Path.GetFullPath(arguments[1]);
        var folder = Path.GetDirectoryName(path)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            var file = Path.Combine(folder, $"{name.Name}.dll");
            return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        };
        var program = AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
        Assembly.SetEntryAssembly(program);
        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", folder + Path.DirectorySeparatorChar);
        var code = program.EntryPoint!.Invoke(null, [arguments[2..]]) is int given ? given : 0;
#pragma warning disable RS0030 // There is nobody to return a code to: what follows a return is the other program.
        Environment.Exit(code);
#pragma warning restore RS0030
    }
}
