namespace Flotilla.Engine.Templates;

/// <summary>The statements of a template.</summary>
internal abstract record Statement(int Line)
{
    public sealed record Text(string Value, int Line) : Statement(Line);

    public sealed record Output(Expression Value, int Line) : Statement(Line);

    public sealed record If(IReadOnlyList<(Expression Condition, Body Body)> Branches, Body? Otherwise, int Line) : Statement(Line);

    public sealed record For(Target Target, Expression Items, Expression? Condition, Body Body, Body? Otherwise, int Line) : Statement(Line);

    public sealed record Break(int Line) : Statement(Line);

    public sealed record Continue(int Line) : Statement(Line);

    public sealed record Set(Target Target, Expression Value, int Line) : Statement(Line);

    /// <summary><c>{% set x %}…{% endset %}</c>, perhaps through filters.</summary>
    public sealed record SetBlock(Target Target, IReadOnlyList<Postfix.Filter> Filters, Body Body, int Line) : Statement(Line);

    public sealed record Macro(string Name, MacroSignature Signature, Body Body, int Line) : Statement(Line);

    /// <summary><c>{% call macro() %}…{% endcall %}</c>: the body is the macro's <c>caller()</c>.</summary>
    public sealed record CallBlock(MacroSignature Signature, Expression Call, Body Body, int Line) : Statement(Line);

    public sealed record FilterBlock(IReadOnlyList<Postfix.Filter> Filters, Body Body, int Line) : Statement(Line);

    public sealed record With(IReadOnlyList<(Target Target, Expression Value)> Bindings, Body Body, int Line) : Statement(Line);
}

/// <summary>Statements in sequence.</summary>
internal sealed record Body(IReadOnlyList<Statement> Statements);

/// <summary>A macro's parameters, with the defaults of those that have one.</summary>
internal sealed record MacroSignature(IReadOnlyList<(string Name, Expression? Default)> Parameters);

/// <summary>What a value is assigned to: one name, an attribute of a namespace, or several names that share out a sequence.</summary>
internal sealed record Target(IReadOnlyList<(string Name, string? Attribute)> Names, bool IsUnpacked);
