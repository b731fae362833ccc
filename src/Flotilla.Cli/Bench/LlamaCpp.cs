using System.Runtime.InteropServices;
using System.Text;

namespace Flotilla.Cli.Bench;

/// <summary>
/// llama.cpp itself, by its C interface: the library that npm brings ready-made as <c>@node-llama-cpp/linux-x64</c>. Parameters are taken as it fills
/// them in by default and changed at the places where their default values are found, so no header is needed.
/// </summary>
internal sealed class LlamaCpp
{
    private const string Base = "libggml-base", Backends = "libggml.", Library = "libllama.";
    private const int ContextField = 0, BatchField = 1, MicroBatchField = 2, SequencesField = 3;
    private readonly nint _library;
    private readonly StringBuilder _said = new();
    private readonly LogCallback _hear;

    /// <summary>Loads the library.</summary>
    /// <param name="folder">Where <c>libllama*.so</c> and its neighbours lie.</param>
    /// <exception cref="DllNotFoundException">They are not there, or not for this machine.</exception>
    public LlamaCpp(string folder)
    {
        _hear = (_, text, _) => _said.Append(Marshal.PtrToStringUTF8(text));
        NativeLibrary.Load(Find(folder, Base));
        var backends = NativeLibrary.Load(Find(folder, Backends));
        _library = NativeLibrary.Load(Find(folder, Library));
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

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint MemoryOf(nint context);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void MemoryClear(nint memory, [MarshalAs(UnmanagedType.I1)] bool data);

    /// <summary>Loads a model.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="tokensMax">Tokens of all sequences together, and of one call.</param>
    /// <param name="sequences">Sequences that are computed together.</param>
    /// <param name="threads">Threads.</param>
    /// <exception cref="InvalidOperationException">It does not load; the message holds what the library said.</exception>
    public Session Open(string path, int tokensMax, int sequences, int threads)
    {
        _said.Clear();
        var model = Get<LoadModel>("llama_model_load_from_file")(path, Get<Defaults>("llama_model_default_params")());
        if (model == 0)
            throw new InvalidOperationException($"llama.cpp does not load the model: {_said}");
        var parameters = Get<Defaults>("llama_context_default_params")();
        var fields = MemoryMarshal.Cast<Parameters, int>(MemoryMarshal.CreateSpan(ref parameters, 1));
        if (fields is not [512, 2048, 512, 1, ..])
            throw new InvalidOperationException("llama.cpp's context parameters do not begin with n_ctx, n_batch, n_ubatch and n_seq_max any more.");
        // It shares its context out in equal parts; each sequence may want all.
        (fields[ContextField], fields[BatchField], fields[SequencesField]) = (checked(tokensMax * sequences), tokensMax, sequences);
        fields[MicroBatchField] = Math.Min(tokensMax, fields[MicroBatchField]);
        var context = Get<NewContext>("llama_init_from_model")(model, parameters);
        if (context == 0)
            throw new InvalidOperationException($"llama.cpp makes no context: {_said}");
        Get<SetThreads>("llama_set_n_threads")(context, threads, threads);
        return new Session(this, model, context, tokensMax);
    }

    /// <summary>A function of the library.</summary>
    /// <exception cref="EntryPointNotFoundException">It has none of this name.</exception>
    internal T Get<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));

    /// <summary>The folder again, where the library lies in it.</summary>
    /// <exception cref="DllNotFoundException">It does not.</exception>
    public static string Located(string folder)
    {
        foreach (var start in (string[])[Base, Backends, Library])
            Find(folder, start);
        return folder;
    }

    private static string Find(string folder, string start) =>
        (Directory.Exists(folder) ? Directory.EnumerateFiles(folder, start + "*") : []).FirstOrDefault(file => file.Contains(".so", StringComparison.Ordinal))
        ?? throw new DllNotFoundException($"{folder} has no {start}*.so of llama.cpp.");

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

    /// <summary>A loaded model with its keys and values. For one thread.</summary>
    internal sealed class Session : IDisposable
    {
        private readonly LlamaCpp _llama;
        private readonly nint _model;
        private readonly nint _context;
        private readonly Decode _decode;
        private readonly LogitsOf _logits;
        private Batch _batch;

        internal Session(LlamaCpp llama, nint model, nint context, int tokensMax)
        {
            (_llama, _model, _context) = (llama, model, context);
            (_decode, _logits) = (llama.Get<Decode>("llama_decode"), llama.Get<LogitsOf>("llama_get_logits_ith"));
            _batch = llama.Get<BatchInit>("llama_batch_init")(tokensMax, 0, 1);
        }

        /// <summary>The library's own handle of the model.</summary>
        internal nint Model => _model;

        /// <summary>The library's own handle of the context.</summary>
        internal nint Context => _context;

        /// <summary>Forgets all sequences.</summary>
        public void Clear() => _llama.Get<MemoryClear>("llama_memory_clear")(_llama.Get<MemoryOf>("llama_get_memory")(_context), true);

        /// <summary>Computes tokens.</summary>
        /// <param name="items">Each with its position, its sequence and whether its logits are wanted.</param>
        public void Compute(IReadOnlyList<(int Token, int Position, int Sequence, bool WantsLogits)> items)
        {
            for (var index = 0; index < items.Count; index++)
            {
                var (token, position, sequence, wantsLogits) = items[index];
                Marshal.WriteInt32(_batch.Tokens, index * sizeof(int), token);
                Marshal.WriteInt32(_batch.Positions, index * sizeof(int), position);
                Marshal.WriteInt32(_batch.SequenceCounts, index * sizeof(int), 1);
                Marshal.WriteInt32(Marshal.ReadIntPtr(_batch.Sequences, index * IntPtr.Size), sequence);
                Marshal.WriteByte(_batch.Logits, index, wantsLogits ? (byte)1 : (byte)0);
            }

            _batch.Count = items.Count;
            if (_decode(_context, _batch) is var code and not 0)
                throw new InvalidOperationException($"llama_decode says {code}.");
        }

        /// <summary>Copies the logits of a token of the last call that wanted them.</summary>
        public void CopyLogits(int index, float[] logits) => Marshal.Copy(_logits(_context, index), logits, 0, logits.Length);

        public void Dispose()
        {
            _llama.Get<BatchFree>("llama_batch_free")(_batch);
            _llama.Get<Free>("llama_free")(_context);
            _llama.Get<Free>("llama_model_free")(_model);
        }
    }
}
