namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Guesses what a sequence will go on with: what followed the last time that its latest tokens stood in it. Guesses change what is
/// computed together, never what is drawn. Where they are seldom right they become rare, for each costs nearly a token.
/// </summary>
/// <param name="most">Tokens guessed at once, at most; 0 guesses none.</param>
internal sealed class PromptLookup(int most)
{
    /// <summary>Tokens that must have stood there before: with two, guesses are as often wrong as right even in texts that repeat themselves.</summary>
    private const int Matched = 3;

    /// <summary>The longest pause, as a power of two tokens: a text that never repeats itself pays one guess in 256 tokens.</summary>
    private const int PauseBitsMax = 8;

    private int _length = Math.Min(most, 2);
    private int _pause;
    private int _misses;

    /// <summary>Tokens guessed so far.</summary>
    public int Guessed { get; private set; }

    /// <summary>How many of them were right.</summary>
    public int Right { get; private set; }

    /// <summary>Writes guesses at what follows; returns how many.</summary>
    public int Guess(ReadOnlySpan<int> tokens, Span<int> guesses)
    {
        var wanted = Math.Min(_length, guesses.Length);
        if (wanted == 0 || tokens.Length <= Matched || --_pause >= 0)
            return 0;
        _pause = 0;
        var at = tokens[..^1].LastIndexOf(tokens[^Matched..]);
        if (at < 0)
            return 0;
        // Where what followed reaches the end, the text goes in circles, and so do the guesses.
        var followed = tokens[(at + Matched)..];
        for (var index = 0; index < wanted; index++)
            guesses[index] = index < followed.Length ? followed[index] : guesses[index - followed.Length];
        return wanted;
    }

    /// <summary>Learns how many of the last guesses were right.</summary>
    public void Learn(int guessed, int right)
    {
        (Guessed, Right) = (Guessed + guessed, Right + right);
        _length = right == guessed ? Math.Min(most, _length * 2) : Math.Max(1, Math.Max(right, _length / 2));
        _misses = right > 0 ? 0 : Math.Min(_misses + 1, PauseBitsMax);
        _pause = _misses > 0 ? 1 << _misses : 0;
    }
}
