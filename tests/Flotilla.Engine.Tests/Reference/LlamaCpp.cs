using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>
/// llama.cpp itself: the library that npm brings ready-made for Linux on x64, by its C interface. Parameters are taken as it fills
/// them in by default and changed at the places where their default values are found, so no header is needed.
/// </summary>
internal sealed class LlamaCpp
{
    private static readonly Lazy<LlamaCpp?> s_instance = new(() => Folder() is { } folder ? new LlamaCpp(folder) : null);

    private readonly nint _library;
    private readonly StringBuilder _said = new();
    private readonly LogCallback _hear;

    private LlamaCpp(string folder)
    {
        _hear = (_, text, _) => _said.Append(Marshal.PtrToStringUTF8(text));
        NativeLibrary.Load(Find(folder, "libggml-base"));
        var backends = NativeLibrary.Load(Find(folder, "libggml."));
        _library = NativeLibrary.Load(Find(folder, "libllama."));
        Get<LogSet>("llama_log_set")(_hear, 0);
        Marshal.GetDelegateForFunctionPointer<LoadBackends>(NativeLibrary.GetExport(backends, "ggml_backend_load_all_from_path"))(folder);
        Get<Init>("llama_backend_init")();
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LogCallback(int level, nint text, nint data);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LogSet(LogCallback callback, nint data);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LoadBackends([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Init();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Parameters Defaults();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint LoadModel([MarshalAs(UnmanagedType.LPUTF8Str)] string path, Parameters parameters);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint NewContext(nint model, Parameters parameters);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Free(nint handle);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Batch BatchInit(int tokens, int embeddings, int sequences);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void BatchFree(Batch batch);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Decode(nint context, Batch batch);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint LogitsOf(nint context, int row);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SetThreads(nint context, int one, int many);

    /// <summary>The library; null where npm has not installed it, as on other platforms.</summary>
    public static LlamaCpp? Instance => s_instance.Value;

    /// <summary>Logits after each of the tokens: (tokens, vocabulary).</summary>
    public float[][] Logits(string path, int[] tokens, int vocabulary)
    {
        _said.Clear();
        var model = Get<LoadModel>("llama_model_load_from_file")(path, Get<Defaults>("llama_model_default_params")());
        if (model == 0)
            throw new InvalidOperationException($"llama.cpp does not load the model: {_said}");
        var context = NewContextOf(model, tokens.Length);
        var batch = Get<BatchInit>("llama_batch_init")(tokens.Length, 0, 1);
        try
        {
            for (var index = 0; index < tokens.Length; index++)
            {
                Marshal.WriteInt32(batch.Tokens, index * sizeof(int), tokens[index]);
                Marshal.WriteInt32(batch.Positions, index * sizeof(int), index);
                Marshal.WriteInt32(batch.SequenceCounts, index * sizeof(int), 1);
                Marshal.WriteInt32(Marshal.ReadIntPtr(batch.Sequences, index * IntPtr.Size), 0);
                Marshal.WriteByte(batch.Logits, index, 1);
            }

            batch.Count = tokens.Length;
            if (Get<Decode>("llama_decode")(context, batch) is var code and not 0)
                throw new InvalidOperationException($"llama_decode says {code}.");
            var logits = Get<LogitsOf>("llama_get_logits_ith");
            return [.. Enumerable.Range(0, tokens.Length).Select(row => Copy(logits(context, row), vocabulary))];
        }
        finally
        {
            Get<BatchFree>("llama_batch_free")(batch);
            Get<Free>("llama_free")(context);
            Get<Free>("llama_model_free")(model);
        }
    }

    private nint NewContextOf(nint model, int tokens)
    {
        var parameters = Get<Defaults>("llama_context_default_params")();
        var fields = MemoryMarshal.Cast<Parameters, int>(MemoryMarshal.CreateSpan(ref parameters, 1));
        if (fields is not [512, 2048, 512, ..])
            throw new InvalidOperationException("llama.cpp's context parameters do not begin with n_ctx, n_batch, n_ubatch any more.");
        (fields[0], fields[1], fields[2]) = (tokens, tokens, tokens);
        var context = Get<NewContext>("llama_init_from_model")(model, parameters);
        Get<SetThreads>("llama_set_n_threads")(context, 1, 1);
        return context;
    }

    private static float[] Copy(nint source, int length)
    {
        var values = new float[length];
        Marshal.Copy(source, values, 0, length);
        return values;
    }

    private T Get<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));

    private static string Find(string folder, string start) =>
        Directory.EnumerateFiles(folder, start + "*").First(file => file.Contains(".so", StringComparison.Ordinal));

    private static string? Folder()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return null;
        var root = typeof(LlamaCpp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var folder = Path.Combine(root, "tests", "clients", "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>More bytes than any of its parameter structures has.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 1024)]
    private struct Parameters
    {
        private readonly long _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Batch
    {
        public int Count;
        public nint Tokens;
        public nint Embeddings;
        public nint Positions;
        public nint SequenceCounts;
        public nint Sequences;
        public nint Logits;
    }
}
