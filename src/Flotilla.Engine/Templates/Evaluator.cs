namespace Flotilla.Engine.Templates;

/// <summary>Evaluates expressions. Each kind has a method of its own, so that a level of nesting takes little stack.</summary>
internal sealed class Evaluator(Interpreter interpreter)
{
    private TemplateBudget Budget => interpreter.Budget;

    public Value Evaluate(Expression expression)
    {
        if (expression is Expression.Literal literal)
        {
            return literal.Value;
        }
        Budget.Enter();
        var value = expression switch
        {
            Expression.Name name => interpreter.Lookup(name.Identifier),
            Expression.Postfixed postfixed => EvaluatePostfixed(postfixed),
            Expression.Logical logical => EvaluateLogical(logical),
            Expression.Comparison comparison => EvaluateComparison(comparison),
            Expression.Chain chain => EvaluateChain(chain),
            Expression.Unary unary => EvaluateUnary(unary),
            Expression.Conditional conditional => EvaluateConditional(conditional),
            Expression.List list => new ListValue(EvaluateAll(list.Items), list.IsTuple),
            Expression.Dict dict => EvaluateDict(dict),
            _ => throw new InvalidOperationException($"No rule evaluates {expression.GetType().Name}."),
        };
        Budget.Leave();
        return value;
    }

    public Value Filter(Value value, IReadOnlyList<Postfix.Filter> filters)
    {
        foreach (var filter in filters)
        {
            value = Apply(value, filter);
        }
        return value;
    }

    /// <summary>Evaluates a call with one more named argument.</summary>
    public Value EvaluateCall(Expression.Postfixed call, (string Name, Value Value) extra)
    {
        var callee = Evaluate(call.First);
        foreach (var operation in call.Operations.SkipLast(1))
        {
            callee = Apply(callee, operation);
        }
        var arguments = Arguments(NameOf(callee), ((Postfix.Call)call.Operations[^1]).Arguments);
        return interpreter.Call(callee, new CallArguments(arguments.Callee, arguments.Positional, [.. arguments.Named, extra]));
    }

    private Value EvaluatePostfixed(Expression.Postfixed postfixed)
    {
        var value = Evaluate(postfixed.First);
        foreach (var operation in postfixed.Operations)
        {
            value = Apply(value, operation);
        }
        return value;
    }

    private Value Apply(Value value, Postfix operation)
    {
        Budget.Spend();
        switch (operation)
        {
            case Postfix.Attribute attribute:
                return Members.Attribute(value, attribute.Name);
            case Postfix.Item item:
                return Members.Item(value, Evaluate(item.Key), Budget);
            case Postfix.Slice slice:
                return Members.Slice(value, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), Budget);
            case Postfix.Call call:
                return interpreter.Call(value, Arguments(NameOf(value), call.Arguments));
            case Postfix.Filter filter:
                return filter.Function(interpreter, value, Arguments(filter.Name, filter.Arguments));
            case Postfix.Test test:
                var arguments = new CallArguments(test.Name, EvaluateAll(test.Arguments), []);
                return Value.Of(test.Function(interpreter, value, arguments) != test.IsNegated);
            default:
                throw new InvalidOperationException($"No rule applies {operation.GetType().Name}.");
        }
    }

    private static string NameOf(Value value) => value is FunctionValue function ? function.Name : "the value";

    private int? Bound(Expression? expression) => expression is null ? null : Evaluate(expression) switch
    {
        NoneValue => null,
        IntValue number => (int)Int128.Clamp(number.Number, int.MinValue, int.MaxValue),
        var other => throw new TemplateException(TemplateError.Evaluation, $"A slice needs integers, not {ValueText.TypeName(other)}."),
    };

    private CallArguments Arguments(string callee, Arguments arguments)
    {
        if (arguments.Named.Count == 0)
        {
            return new CallArguments(callee, EvaluateAll(arguments.Positional), []);
        }
        var named = new List<(string, Value)>();
        foreach (var (name, expression) in arguments.Named)
        {
            AddNamed(name, Evaluate(expression), named);
        }
        return new CallArguments(callee, EvaluateAll(arguments.Positional), named);
    }

    private void AddNamed(string? name, Value value, List<(string, Value)> named)
    {
        if (name is not null)
        {
            named.Add((name, value));
            return;
        }
        var map = value as MapValue ?? throw Operators.Failure($"'**' needs a mapping, not {ValueText.TypeName(value)}.");
        Budget.Spend(map.Entries.Count);
        named.AddRange(map.Entries.Select(entry => (ForeignText.Plain(entry.Key), entry.Value)));
    }

    private Value[] EvaluateAll(IReadOnlyList<Expression> expressions)
    {
        if (expressions.Count == 0)
        {
            return [];
        }
        var values = new List<Value>(expressions.Count);
        foreach (var expression in expressions)
        {
            Budget.Spend();
            if (expression is Expression.Spread spread)
            {
                var items = Operators.Items(Evaluate(spread.Items), Budget);
                Budget.Spend(items.Count);
                values.AddRange(items);
            }
            else
            {
                values.Add(Evaluate(expression));
            }
        }
        return values.ToArray();
    }

    private Value EvaluateLogical(Expression.Logical logical)
    {
        var value = Value.None;
        foreach (var operand in logical.Operands)
        {
            value = Evaluate(operand);
            if (Operators.IsTrue(value) != logical.IsAnd)
            {
                break;
            }
        }
        return value;
    }

    private Value EvaluateComparison(Expression.Comparison comparison)
    {
        var left = Evaluate(comparison.First);
        foreach (var (symbol, operand) in comparison.Rest)
        {
            var right = Evaluate(operand);
            if (!Comparer.Holds(symbol, left, right, Budget))
            {
                return Value.False;
            }
            left = right;
        }
        return Value.True;
    }

    private Value EvaluateChain(Expression.Chain chain)
    {
        var value = Evaluate(chain.First);
        foreach (var (symbol, operand) in chain.Rest)
        {
            value = Operators.Binary(symbol, value, Evaluate(operand), Budget);
        }
        return value;
    }

    private Value EvaluateUnary(Expression.Unary unary)
    {
        var operand = Evaluate(unary.Operand);
        return unary.Operator == "not" ? Value.Of(!Operators.IsTrue(operand)) : Operators.Signed(unary.Operator, operand);
    }

    private Value EvaluateConditional(Expression.Conditional conditional) =>
        Operators.IsTrue(Evaluate(conditional.Condition)) ? Evaluate(conditional.Then)
        : conditional.Otherwise is null ? new UndefinedValue("the value of an 'if' without 'else'")
        : Evaluate(conditional.Otherwise);

    private MapValue EvaluateDict(Expression.Dict dict)
    {
        var entries = new OrderedDictionary<string, Value>(ForeignText.Comparer);
        foreach (var (key, value) in dict.Entries)
        {
            Budget.Spend();
            entries[Members.Key(Evaluate(key))] = Evaluate(value);
        }
        return new MapValue(entries);
    }
}
