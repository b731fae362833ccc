namespace Flotilla.Engine.Forms.Patterns;

/// <summary>A regular expression that has been read.</summary>
internal abstract record Pattern
{
    /// <summary>One character of a set.</summary>
    internal sealed record Character(CodePointSet Set) : Pattern;

    /// <summary>The parts one after another; none of them is the empty text.</summary>
    internal sealed record Sequence(IReadOnlyList<Pattern> Parts) : Pattern;

    /// <summary>One of the parts.</summary>
    internal sealed record Alternatives(IReadOnlyList<Pattern> Parts) : Pattern;

    /// <summary>The part several times; without an end where <paramref name="Max"/> is null.</summary>
    internal sealed record Repeated(Pattern Part, int Min, int? Max) : Pattern;

    /// <summary>Where the text begins (<c>^</c>) or ends (<c>$</c>).</summary>
    internal sealed record Anchor(bool IsStart) : Pattern;
}
