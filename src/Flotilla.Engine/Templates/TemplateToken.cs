namespace Flotilla.Engine.Templates;

/// <summary>The kinds of tokens of a template.</summary>
internal enum TokenKind
{
    /// <summary>Text to be rendered as it is.</summary>
    Data,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,

    /// <summary><c>{{</c></summary>
    VariableBegin,

    /// <summary><c>}}</c></summary>
    VariableEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A string literal; the text is its value.</summary>
    String,

    /// <summary>An integer literal.</summary>
    Integer,

    /// <summary>A floating-point literal.</summary>
    Float,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A token and the line on which it begins, counted from 1.</summary>
internal readonly record struct TemplateToken(TokenKind Kind, string Text, int Line);
