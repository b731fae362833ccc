using System.Globalization;

namespace Flotilla.Engine.Templates;

/// <summary>Tokens to expressions, with Jinja's ranks of operators. Nesting is bounded by <see cref="TokenReader.Enter"/>.</summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    /// <summary>The names whose values are asked for.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>An expression; several with commas between are a tuple.</summary>
    /// <param name="allowsConditional">False where a following <c>if</c> belongs to the statement.</param>
    public Expression ParseTuple(bool allowsConditional = true)
    {
        var first = Parse(allowsConditional);
        if (!tokens.Is(TokenKind.Operator, ","))
        {
            return first;
        }
        var items = new List<Expression> { first };
        while (tokens.Take(","))
        {
            if (tokens.Peek.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || tokens.Is(TokenKind.Operator, ")"))
            {
                break;
            }
            items.Add(Parse(allowsConditional));
        }
        return new Expression.List(items, IsTuple: true);
    }

    public Expression Parse(bool allowsConditional = true)
    {
        tokens.Enter();
        var expression = ParseOr();
        if (allowsConditional)
        {
            expression = ParseConditional(expression);
        }
        tokens.Leave();
        return expression;
    }

    /// <summary>The filters of a filter block or a block assignment; the first has no <c>|</c> before it.</summary>
    public List<Postfix.Filter> ParseFilters()
    {
        var filters = new List<Postfix.Filter>();
        do
        {
            filters.Add(ParseFilter());
        }
        while (tokens.Take("|"));
        return filters;
    }

    public Arguments ParseArguments()
    {
        var (positional, named) = (new List<Expression>(), new List<(string?, Expression)>());
        tokens.Expect("(");
        while (!tokens.Take(")"))
        {
            if (positional.Count + named.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Take(")"))
                {
                    break;
                }
            }
            if (tokens.Take("**"))
            {
                named.Add((null, Parse()));
            }
            else if (tokens.Peek.Kind == TokenKind.Name && tokens.PeekSecond is { Kind: TokenKind.Operator, Text: "=" })
            {
                var name = tokens.Next().Text;
                tokens.Expect("=");
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(tokens.Take("*") ? new Expression.Spread(Parse()) : Parse());
            }
        }
        return new Arguments(positional, named);
    }

    private Expression ParseConditional(Expression then)
    {
        while (tokens.TakeName("if"))
        {
            var condition = ParseOr();
            var otherwise = tokens.TakeName("else") ? Parse() : null;
            then = new Expression.Conditional(then, condition, otherwise);
        }
        return then;
    }

    private Expression ParseOr() => ParseLogical("or", isAnd: false);

    private Expression ParseLogical(string word, bool isAnd)
    {
        var first = isAnd ? ParseNot() : ParseLogical("and", isAnd: true);
        if (!tokens.IsName(word))
        {
            return first;
        }
        var operands = new List<Expression> { first };
        while (tokens.TakeName(word))
        {
            operands.Add(isAnd ? ParseNot() : ParseLogical("and", isAnd: true));
        }
        return new Expression.Logical(isAnd, operands);
    }

    private Expression ParseNot()
    {
        if (!tokens.TakeName("not"))
        {
            return ParseComparison();
        }
        tokens.Enter();
        var operand = ParseNot();
        tokens.Leave();
        return new Expression.Unary("not", operand);
    }

    private Expression ParseComparison()
    {
        var first = ParseArithmetic();
        List<(string, Expression)>? rest = null;
        while (TakeComparison() is { } comparison)
        {
            (rest ??= []).Add((comparison, ParseArithmetic()));
        }
        return rest is null ? first : new Expression.Comparison(first, rest);
    }

    private string? TakeComparison()
    {
        if (tokens.Peek is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or ">" or "<=" or ">=" })
        {
            return tokens.Next().Text;
        }
        if (tokens.TakeName("in"))
        {
            return "in";
        }
        if (tokens.IsName("not") && tokens.PeekSecond is { Kind: TokenKind.Name, Text: "in" })
        {
            tokens.Next();
            tokens.Next();
            return "not in";
        }
        return null;
    }

    private Expression ParseArithmetic() => ContinueArithmetic(ParseSigned(allowsFilters: true), 0);

    /// <summary>What follows an operand, as far as its operators are of this rank or a higher one. Only a higher rank on the right recurs.</summary>
    private Expression ContinueArithmetic(Expression first, int rankMin)
    {
        while (RankOf(tokens.Peek) is var rank && rank >= rankMin)
        {
            var rest = new List<(string, Expression)>();
            while (RankOf(tokens.Peek) == rank)
            {
                var symbol = tokens.Next().Text;
                rest.Add((symbol, ContinueArithmetic(ParseSigned(allowsFilters: true), rank + 1)));
            }
            first = new Expression.Chain(first, rest);
        }
        return first;
    }

    private static int RankOf(TemplateToken token) => token.Kind != TokenKind.Operator ? -1 : token.Text switch
    {
        "+" or "-" => 0,
        "~" => 1,
        "*" or "/" or "//" or "%" => 2,
        "**" => 3,
        _ => -1,
    };

    private Expression ParseSigned(bool allowsFilters)
    {
        Expression expression;
        if (tokens.Peek is { Kind: TokenKind.Operator, Text: "-" or "+" })
        {
            var sign = tokens.Next().Text;
            tokens.Enter();
            expression = new Expression.Unary(sign, ParseSigned(allowsFilters: false));
            tokens.Leave();
        }
        else
        {
            expression = ParsePrimary();
        }
        return ParsePostfix(expression, allowsFilters);
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token.Text);
            case TokenKind.String:
                return ParseStrings(token.Text);
            case TokenKind.Integer:
            case TokenKind.Float:
                return ParseNumber(token);
            case TokenKind.Operator when token.Text == "(":
                return ParseBracketed();
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseDict();
            default:
                throw tokens.Syntax($"Unexpected '{token.Text}'.");
        }
    }

    private Expression ParseBracketed()
    {
        if (tokens.Take(")"))
        {
            return new Expression.List([], IsTuple: true);
        }
        var inner = ParseTuple();
        tokens.Expect(")");
        return inner;
    }

    private Expression.Literal ParseNumber(TemplateToken token)
    {
        var digits = token.Text.Replace("_", "", StringComparison.Ordinal);
        if (token.Kind == TokenKind.Float)
        {
            return new Expression.Literal(new FloatValue(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture)));
        }
        return Int128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
            ? new Expression.Literal(Value.Of(integer))
            : throw tokens.Syntax($"The integer '{token.Text}' is too great.");
    }

    private Expression ParseName(string name)
    {
        switch (name)
        {
            case "true" or "True": return new Expression.Literal(Value.True);
            case "false" or "False": return new Expression.Literal(Value.False);
            case "none" or "None": return new Expression.Literal(Value.None);
            default:
                Names.Add(name);
                return new Expression.Name(name);
        }
    }

    /// <summary>Adjacent string literals are one string.</summary>
    private Expression.Literal ParseStrings(string first)
    {
        if (tokens.Peek.Kind != TokenKind.String)
        {
            return new Expression.Literal(Value.Of(first));
        }
        var parts = new List<string> { first };
        while (tokens.Peek.Kind == TokenKind.String)
        {
            parts.Add(tokens.Next().Text);
        }
        return new Expression.Literal(Value.Of(string.Concat(parts)));
    }

    private Expression.List ParseList()
    {
        var items = new List<Expression>();
        while (!tokens.Take("]"))
        {
            if (items.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Take("]"))
                {
                    break;
                }
            }
            items.Add(Parse());
        }
        return new Expression.List(items, IsTuple: false);
    }

    private Expression.Dict ParseDict()
    {
        var entries = new List<(Expression, Expression)>();
        while (!tokens.Take("}"))
        {
            if (entries.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Take("}"))
                {
                    break;
                }
            }
            var key = Parse();
            tokens.Expect(":");
            entries.Add((key, Parse()));
        }
        return new Expression.Dict(entries);
    }

    private Expression ParsePostfix(Expression first, bool allowsFilters)
    {
        List<Postfix>? operations = null;
        while (NextPostfix(allowsFilters) is { } operation)
        {
            (operations ??= []).Add(operation);
        }
        return operations is null ? first : new Expression.Postfixed(first, operations);
    }

    private Postfix? NextPostfix(bool allowsFilters)
    {
        if (tokens.Take("."))
        {
            return tokens.Peek.Kind == TokenKind.Integer
                ? new Postfix.Item(ParsePrimary())
                : new Postfix.Attribute(tokens.ExpectName());
        }
        if (tokens.Take("["))
        {
            return ParseSubscript();
        }
        if (tokens.Is(TokenKind.Operator, "("))
        {
            return new Postfix.Call(ParseArguments());
        }
        if (allowsFilters && tokens.Take("|"))
        {
            return ParseFilter();
        }
        return allowsFilters && tokens.TakeName("is") ? ParseTest() : null;
    }

    private Postfix ParseSubscript()
    {
        var start = tokens.Is(TokenKind.Operator, ":") ? null : ParseTuple();
        if (start is not null && tokens.Take("]"))
        {
            return new Postfix.Item(start);
        }
        tokens.Expect(":");
        var stop = SlicePart();
        var step = tokens.Take(":") ? SlicePart() : null;
        tokens.Expect("]");
        return new Postfix.Slice(start, stop, step);

        Expression? SlicePart() => tokens.Is(TokenKind.Operator, ":") || tokens.Is(TokenKind.Operator, "]") ? null : Parse();
    }

    private Postfix.Filter ParseFilter()
    {
        var name = tokens.ExpectName();
        var function = Filters.Find(name) ?? throw tokens.Unsupported($"The filter '{name}'");
        var arguments = tokens.Is(TokenKind.Operator, "(") ? ParseArguments() : Arguments.None;
        return new Postfix.Filter(name, function, arguments);
    }

    private Postfix.Test ParseTest()
    {
        var isNegated = tokens.TakeName("not");
        var name = tokens.ExpectName();
        var function = Tests.Find(name) ?? throw tokens.Unsupported($"The test '{name}'");
        IReadOnlyList<Expression> arguments = [];
        if (tokens.Is(TokenKind.Operator, "("))
        {
            arguments = ParseArguments().Positional;
        }
        else if (StartsTestArgument())
        {
            tokens.Enter();
            arguments = [ParsePostfix(ParsePrimary(), allowsFilters: false)];
            tokens.Leave();
        }
        return new Postfix.Test(name, function, arguments, isNegated);
    }

    private bool StartsTestArgument() => tokens.Peek switch
    {
        { Kind: TokenKind.Name, Text: "else" or "or" or "and" or "is" or "if" or "in" or "not" } => false,
        { Kind: TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float } => true,
        { Kind: TokenKind.Operator, Text: "[" or "{" } => true,
        _ => false,
    };
}
