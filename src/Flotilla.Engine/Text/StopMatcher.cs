using System.Text;

namespace Flotilla.Engine.Text;

/// <summary>
/// Looks for stop strings in text that comes in pieces. The one that is complete first ends the text where it begins (of several
/// complete at the same character, the longest). What may still become part of a stop string is held back, never delivered.
/// </summary>
internal sealed class StopMatcher
{
    private readonly Pattern[] _patterns;

    // What may still become part of a stop string, and the character that is being looked at.
    private readonly char[] _held;
    private int _heldCount;

    /// <param name="stops">The stop strings; empty ones are ignored.</param>
    /// <exception cref="ArgumentException">One is longer than <see cref="TextLimits.StopStringCharsMax"/>.</exception>
    public StopMatcher(IReadOnlyList<string> stops)
    {
        foreach (var stop in stops)
        {
            if (stop.Length > TextLimits.StopStringCharsMax)
            {
                throw new ArgumentException(
                    $"A stop string has {stop.Length} characters; at most {TextLimits.StopStringCharsMax} are allowed.", nameof(stops));
            }
        }
        _patterns = stops.Where(stop => stop.Length > 0).Select(stop => new Pattern(stop)).ToArray();
        _held = new char[_patterns.Select(pattern => pattern.Text.Length).DefaultIfEmpty().Max() + 1];
    }

    /// <summary>The stop string that was found; null before. From then on nothing is delivered.</summary>
    public string? Found { get; private set; }

    /// <summary>Whether a stop string was found.</summary>
    public bool IsStopped => Found is not null;

    /// <summary>Takes more text and appends to <paramref name="output"/>, where there is one, what certainly belongs to the answer.</summary>
    public void Accept(ReadOnlySpan<char> text, StringBuilder? output)
    {
        if (_patterns.Length == 0)
        {
            output?.Append(text);
            return;
        }
        foreach (var unit in text)
        {
            if (IsStopped)
            {
                return;
            }
            Accept(unit, output);
        }
    }

    /// <summary>Delivers what was held back: the text has ended, so it was no stop string.</summary>
    public void Finish(StringBuilder output)
    {
        if (!IsStopped)
        {
            output.Append(_held, 0, _heldCount);
        }
        _heldCount = 0;
    }

    private void Accept(char unit, StringBuilder? output)
    {
        _held[_heldCount++] = unit;
        var longestPrefix = 0;
        foreach (var pattern in _patterns)
        {
            var matched = pattern.Advance(unit);
            if (pattern.IsComplete && matched > (Found?.Length ?? 0))
            {
                Found = pattern.Text;
            }
            longestPrefix = Math.Max(longestPrefix, matched);
        }
        var certain = _heldCount - (Found?.Length ?? longestPrefix);
        if (certain > 0)
        {
            output?.Append(_held, 0, certain);
            _heldCount -= certain;
            _held.AsSpan(certain, _heldCount).CopyTo(_held);
        }
    }

    /// <summary>One stop string as the automaton of Knuth, Morris and Pratt.</summary>
    private sealed class Pattern
    {
        private readonly string _text;
        private readonly int[] _fallback;
        private int _matched;

        public Pattern(string text)
        {
            _text = text;
            _fallback = new int[text.Length + 1];
            for (var length = 1; length < text.Length; length++)
            {
                var border = _fallback[length];
                while (border > 0 && text[border] != text[length])
                {
                    border = _fallback[border];
                }
                _fallback[length + 1] = text[border] == text[length] ? border + 1 : 0;
            }
        }

        public string Text => _text;

        public bool IsComplete => _matched == _text.Length;

        /// <summary>The length of the longest beginning of the stop string with which the text now ends.</summary>
        public int Advance(char unit)
        {
            while (_matched > 0 && (IsComplete || _text[_matched] != unit))
            {
                _matched = _fallback[_matched];
            }
            if (_text[_matched] == unit)
            {
                _matched++;
            }
            return _matched;
        }
    }
}
