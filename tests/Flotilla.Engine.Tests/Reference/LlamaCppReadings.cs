using System.Runtime.InteropServices;
using Flotilla.Cli.Bench;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>What llama.cpp makes of texts that are read and not continued.</summary>
internal sealed class LlamaCppReadings : IDisposable
{
    private readonly LlamaCpp.Session _session;
    private readonly EmbeddingsOf _ofSequence;
    private readonly bool _hasMemory;

    public LlamaCppReadings(LlamaCpp llama, string path, int tokensMax, bool hasMemory)
    {
        _session = llama.Open(path, tokensMax, sequences: 1, threads: 1);
        _hasMemory = hasMemory;
        llama.Get<SetEmbeddings>("llama_set_embeddings")(_session.Context, true);
        _ofSequence = llama.Get<EmbeddingsOf>("llama_get_embeddings_seq");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SetEmbeddings(nint context, [MarshalAs(UnmanagedType.I1)] bool wanted);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint EmbeddingsOf(nint context, int index);

    /// <summary>The one state of a text, or the numbers of its labels.</summary>
    public float[] Pooled(int[] tokens, int length)
    {
        Compute(tokens);
        return Copy(_ofSequence(_session.Context, 0), length);
    }

    public void Dispose() => _session.Dispose();

    private void Compute(int[] tokens)
    {
        if (_hasMemory)
            _session.Clear();
        _session.Compute([.. tokens.Select((token, position) => (token, position, 0, true))]);
    }

    private static float[] Copy(nint values, int length)
    {
        if (values == 0)
            throw new InvalidOperationException("llama.cpp has no embedding.");
        var copy = new float[length];
        Marshal.Copy(values, copy, 0, length);
        return copy;
    }
}
