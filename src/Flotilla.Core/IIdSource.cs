namespace Flotilla.Core;

/// <summary>Where new ids, nonces and seeds come from; a test hands in one that counts.</summary>
public interface IIdSource
{
    /// <summary>A new id: the prefix and 128 random bits as 32 lower-case hexadecimal digits.</summary>
    string Next(string prefix);

    /// <summary>Fills the buffer with unpredictable bytes, for nonces, seeds and secrets.</summary>
    void Fill(Span<byte> bytes);
}
