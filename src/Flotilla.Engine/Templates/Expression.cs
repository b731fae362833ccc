namespace Flotilla.Engine.Templates;

/// <summary>The expressions of a template. Chains of equal rank are flat, so that only real nesting nests.</summary>
internal abstract record Expression
{
    public sealed record Literal(Value Value) : Expression;

    public sealed record Name(string Identifier) : Expression;

    public sealed record List(IReadOnlyList<Expression> Items, bool IsTuple) : Expression;

    public sealed record Dict(IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression;

    public sealed record Unary(string Operator, Expression Operand) : Expression;

    /// <summary>Left-associative operators of one rank.</summary>
    public sealed record Chain(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression;

    /// <summary><c>a &lt; b &lt;= c</c>: all must hold, each operand is evaluated once.</summary>
    public sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression;

    /// <summary><c>a and b and c</c> or <c>a or b or c</c>: the value of the operand that decides.</summary>
    public sealed record Logical(bool IsAnd, IReadOnlyList<Expression> Operands) : Expression;

    public sealed record Conditional(Expression Then, Expression Condition, Expression? Otherwise) : Expression;

    /// <summary><c>*sequence</c> among a call's arguments: its elements are arguments.</summary>
    public sealed record Spread(Expression Items) : Expression;

    public sealed record Postfixed(Expression First, IReadOnlyList<Postfix> Operations) : Expression;
}

/// <summary>What may follow an operand.</summary>
internal abstract record Postfix
{
    public sealed record Attribute(string Name) : Postfix;

    public sealed record Item(Expression Key) : Postfix;

    public sealed record Slice(Expression? Start, Expression? Stop, Expression? Step) : Postfix;

    public sealed record Call(Arguments Arguments) : Postfix;

    public sealed record Filter(string Name, FilterFunction Function, Arguments Arguments) : Postfix;

    public sealed record Test(string Name, TestFunction Function, IReadOnlyList<Expression> Arguments, bool IsNegated) : Postfix;
}

/// <summary>Arguments as written; a named one without a name is a mapping whose entries are arguments (<c>**mapping</c>).</summary>
internal sealed record Arguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string? Name, Expression Value)> Named)
{
    public static Arguments None { get; } = new([], []);
}
