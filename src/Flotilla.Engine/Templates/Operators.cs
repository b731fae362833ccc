using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Templates;

/// <summary>The operators, as Python has them.</summary>
internal static class Operators
{
    public static bool IsTrue(Value value) => value switch
    {
        UndefinedValue or NoneValue => false,
        BoolValue flag => flag.Flag,
        IntValue number => number.Number != 0,
        FloatValue number => number.Number != 0,
        StringValue text => text.Text.Length > 0,
        ListValue list => list.Items.Count > 0,
        MapValue map => map.Entries.Count > 0,
        _ => true,
    };

    /// <summary>What a loop over the value runs through: elements, keys, or characters.</summary>
    public static IReadOnlyList<Value> Items(Value value, TemplateBudget budget)
    {
        switch (value)
        {
            case ListValue list:
                return list.Items;
            case MapValue map:
                budget.Spend(map.Entries.Count);
                return map.Entries.Keys.Select(Value (key) => new StringValue(key)).ToArray();
            case StringValue text:
                budget.Spend(text.Text.Length);
                return CodePoints.Of(text.Text).Select(Value (point) => new StringValue(point)).ToArray();
            case UndefinedValue:
                return [];
            default:
                throw Failure($"{ValueText.TypeName(value)} can't be looped over.");
        }
    }

    public static Value Signed(string sign, Value operand) => operand switch
    {
        IntValue number => Value.Of(sign == "-" ? Checked(() => checked(-number.Number)) : number.Number),
        BoolValue flag => Value.Of(sign == "-" ? -AsInt(flag) : AsInt(flag)),
        FloatValue number => new FloatValue(sign == "-" ? -number.Number : number.Number),
        _ => throw Failure($"{Described(operand)} has no sign."),
    };

    public static Value Binary(string symbol, Value left, Value right, TemplateBudget budget)
    {
        budget.Spend();
        return symbol switch
        {
            "~" => Concatenated(ValueText.Of(left, budget), ValueText.Of(right, budget), budget),
            "+" => Add(left, right, budget),
            "*" => Multiply(left, right, budget),
            _ => Arithmetic(symbol, left, right),
        };
    }

    public static TemplateException Failure(string message) => new(TemplateError.Evaluation, message);

    private static Value Add(Value left, Value right, TemplateBudget budget)
    {
        switch (left, right)
        {
            case (StringValue first, StringValue second):
                return Concatenated(first.Text, second.Text, budget);
            case (ListValue first, ListValue second) when first.IsTuple == second.IsTuple:
                budget.Spend(first.Items.Count + second.Items.Count);
                return new ListValue([.. first.Items, .. second.Items], first.IsTuple);
            default:
                return Arithmetic("+", left, right);
        }
    }

    private static StringValue Concatenated(string left, string right, TemplateBudget budget)
    {
        budget.SpendText((long)left.Length + right.Length);
        return new StringValue(left + right);
    }

    private static Value Multiply(Value left, Value right, TemplateBudget budget)
    {
        if (left is StringValue or ListValue)
        {
            return Repeat(left, right, budget);
        }
        return right is StringValue or ListValue ? Repeat(right, left, budget) : Arithmetic("*", left, right);
    }

    private static Value Repeat(Value sequence, Value times, TemplateBudget budget)
    {
        if (!TryInt(times, out var number))
        {
            throw Failure($"{ValueText.TypeName(sequence)} can't be multiplied with {Described(times)}.");
        }
        // More than the limits allow is as good as far too much.
        var count = (int)Int128.Clamp(number, 0, int.MaxValue);
        if (sequence is StringValue text)
        {
            budget.SpendText((long)text.Text.Length * count);
            return new StringValue(string.Concat(Enumerable.Repeat(text.Text, text.Text.Length == 0 ? 0 : count)));
        }
        var list = (ListValue)sequence;
        budget.Spend((int)Math.Min((long)list.Items.Count * count, int.MaxValue));
        return new ListValue(Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : count).SelectMany(items => items).ToArray(), list.IsTuple);
    }

    private static Value Arithmetic(string symbol, Value left, Value right)
    {
        if (TryInt(left, out var first) && TryInt(right, out var second) && symbol is not "/" && (symbol != "**" || second >= 0))
        {
            return Value.Of(Checked(() => Integer(symbol, first, second)));
        }
        return TryFloat(left, out var x) && TryFloat(right, out var y)
            ? new FloatValue(Floating(symbol, x, y))
            : throw Failure($"'{symbol}' does not fit {Described(left)} and {Described(right)}.");
    }

    private static Int128 Integer(string symbol, Int128 left, Int128 right) => symbol switch
    {
        "+" => checked(left + right),
        "-" => checked(left - right),
        "*" => checked(left * right),
        "//" => FloorDivide(left, right),
        "%" => checked(left - FloorDivide(left, right) * right),
        "**" => Power(left, right),
        _ => throw new InvalidOperationException($"No rule computes '{symbol}'."),
    };

    private static double Floating(string symbol, double left, double right) => symbol switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" or "//" or "%" when right == 0 => throw Failure("Division by zero."),
        "/" => left / right,
        "//" => Math.Floor(left / right),
        "%" => left - Math.Floor(left / right) * right,
        "**" => Power(left, right),
        _ => throw new InvalidOperationException($"No rule computes '{symbol}'."),
    };

    private static Int128 FloorDivide(Int128 left, Int128 right)
    {
        if (right == 0)
        {
            throw Failure("Division by zero.");
        }
        var quotient = checked(left / right);
        return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
    }

    /// <summary>A power in operations that round alike everywhere: a prompt must not depend on the platform's library.</summary>
    internal static double Power(double number, double exponent)
    {
        if (!(Math.Abs(exponent) <= int.MaxValue))
        {
            throw Failure("An exponent is too great.");
        }
        if (exponent < 0)
        {
            return number == 0 ? throw Failure("Division by zero.") : 1 / Power(number, -exponent);
        }
        var fraction = exponent - Math.Floor(exponent);
        return Whole(number, (int)exponent) * (fraction == 0 ? 1 : Root(number, fraction));
    }

    private static double Root(double number, double fraction) => number switch
    {
        < 0 => throw Failure("A negative number has no power with a fraction."),
        _ when fraction == 0.5 => Math.Sqrt(number),
        _ when double.IsNormal(number) => DeterministicMath.Exp(fraction * DeterministicMath.Log(number)),
        _ when double.IsSubnormal(number) => throw Failure("A number is too small for a power with a fraction."),
        _ => number,
    };

    private static double Whole(double number, int exponent)
    {
        var result = 1.0;
        for (; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 1 ? result * number : result;
            number *= number;
        }
        return result;
    }

    private static Int128 Power(Int128 number, Int128 exponent)
    {
        Int128 result = 1;
        while (exponent > 0)
        {
            if ((exponent & 1) == 1)
            {
                result = checked(result * number);
            }
            exponent >>= 1;
            number = exponent > 0 ? checked(number * number) : number;
        }
        return result;
    }

    private static Int128 Checked(Func<Int128> compute)
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            throw Failure("An integer is too great.");
        }
    }

    public static bool TryInt(Value value, out Int128 number)
    {
        number = value switch { IntValue integer => integer.Number, BoolValue flag => AsInt(flag), _ => 0 };
        return value is IntValue or BoolValue;
    }

    public static bool TryFloat(Value value, out double number)
    {
        number = value is FloatValue real ? real.Number : TryInt(value, out var integer) ? (double)integer : 0;
        return value is FloatValue or IntValue or BoolValue;
    }

    private static int AsInt(BoolValue flag) => flag.Flag ? 1 : 0;

    private static string Described(Value value) => value is UndefinedValue missing ? $"'{missing.Name}', which is undefined," : ValueText.TypeName(value);
}
