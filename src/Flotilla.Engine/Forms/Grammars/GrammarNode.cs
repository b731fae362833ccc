namespace Flotilla.Engine.Forms.Grammars;

/// <summary>What a node of a grammar asks for.</summary>
internal enum NodeKind : byte
{
    /// <summary>The rule ends here.</summary>
    Return,

    /// <summary>One byte of a set, then the next node.</summary>
    Bytes,

    /// <summary>A whole rule, then the next node.</summary>
    Call,

    /// <summary>Any one of several nodes.</summary>
    Either,

    /// <summary>The next node, and no other way to read what stands before.</summary>
    Cut,
}

/// <summary>A place in a grammar: what must follow here.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Argument">Of <see cref="NodeKind.Bytes"/> the set's index, of <see cref="NodeKind.Call"/> the rule, of <see cref="NodeKind.Either"/> the branches' index.</param>
/// <param name="Next">The node after it; unused by <see cref="NodeKind.Return"/> and <see cref="NodeKind.Either"/>.</param>
internal readonly record struct GrammarNode(NodeKind Kind, int Argument, int Next);
