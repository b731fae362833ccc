namespace Flotilla.Core;

/// <summary>Where new ids, nonces and seeds come from; a test hands in one that counts.</summary>
public interface IIdSource
{
    /// <summary>A new id: the prefix and 32 lower-case hexadecimal digits, of which the first 12 are the milliseconds since 1970
    /// and the others random. Ids of one time lie together in an index, so that a batch of them touches few of its pages.</summary>
    string Next(string prefix);

    /// <summary>Fills the buffer with unpredictable bytes, for nonces, seeds and secrets.</summary>
    void Fill(Span<byte> bytes);
}
