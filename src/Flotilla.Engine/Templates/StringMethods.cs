namespace Flotilla.Engine.Templates;

/// <summary>The methods of strings that chat templates use, as Python has them.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<string, CallArguments, TemplateBudget, Value>> s_methods = new(StringComparer.Ordinal)
    {
        ["strip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), true, true)),
        ["lstrip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), true, false)),
        ["rstrip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), false, true)),
        ["upper"] = (text, _, _) => new StringValue(text.ToUpperInvariant()),
        ["lower"] = (text, _, _) => new StringValue(text.ToLowerInvariant()),
        ["title"] = (text, _, _) => new StringValue(Title(text)),
        ["capitalize"] = (text, _, _) => new StringValue(Capitalize(text)),
        ["startswith"] = (text, arguments, budget) => Value.Of(Any(arguments, part => text.StartsWith(part, StringComparison.Ordinal), budget)),
        ["endswith"] = (text, arguments, budget) => Value.Of(Any(arguments, part => text.EndsWith(part, StringComparison.Ordinal), budget)),
        ["removeprefix"] = (text, arguments, _) => new StringValue(RemovePrefix(text, arguments.Text(0, "prefix"))),
        ["removesuffix"] = (text, arguments, _) => new StringValue(RemoveSuffix(text, arguments.Text(0, "suffix"))),
        ["replace"] = (text, arguments, budget) =>
            new StringValue(Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.OptionalInt(2, "count") ?? -1, budget)),
        ["split"] = (text, arguments, budget) => Split(text, arguments.OptionalText(0, "sep"), arguments.OptionalInt(1, "maxsplit") ?? -1, budget),
        ["rsplit"] = (text, arguments, budget) => SplitFromEnd(text, arguments.Text(0, "sep"), arguments.OptionalInt(1, "maxsplit") ?? -1, budget),
        ["splitlines"] = (text, _, budget) => Lines(text, budget),
        ["join"] = (text, arguments, budget) => Join(text, Operators.Items(arguments.Required(0, "items"), budget), budget),
        ["find"] = (text, arguments, _) => Value.Of(text.IndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
        ["rfind"] = (text, arguments, _) => Value.Of(text.LastIndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
        ["count"] = (text, arguments, budget) => Value.Of(Count(text, arguments.Text(0, "sub"), budget)),
        ["isdigit"] = (text, _, _) => Value.Of(text.Length > 0 && text.All(char.IsDigit)),
        ["isspace"] = (text, _, _) => Value.Of(text.Length > 0 && text.All(char.IsWhiteSpace)),
        ["isupper"] = (text, _, _) => Value.Of(text.Any(char.IsUpper) && !text.Any(char.IsLower)),
        ["islower"] = (text, _, _) => Value.Of(text.Any(char.IsLower) && !text.Any(char.IsUpper)),
    };

    /// <summary>The method of this name, bound to the string, or null.</summary>
    public static FunctionValue? Find(string text, string name) =>
        !s_methods.TryGetValue(name, out var method) ? null : new FunctionValue(name, (interpreter, arguments) =>
        {
            interpreter.Budget.SpendText(text.Length);
            return method(text, arguments, interpreter.Budget);
        });

    public static string Strip(string text, string? characters, bool fromStart, bool fromEnd)
    {
        var (start, end) = (0, text.Length);
        while (fromStart && start < end && IsStripped(text[start]))
        {
            start++;
        }
        while (fromEnd && end > start && IsStripped(text[end - 1]))
        {
            end--;
        }
        return text[start..end];

        bool IsStripped(char unit) => characters is null
            ? char.IsWhiteSpace(unit) || unit is >= '\x1c' and <= '\x1f'
            : characters.Contains(unit, StringComparison.Ordinal);
    }

    public static string Capitalize(string text) =>
        text.Length == 0 ? "" : string.Concat(text[..1].ToUpperInvariant(), text[1..].ToLowerInvariant());

    public static string Replace(string text, string old, string replacement, int count, TemplateBudget budget)
    {
        if (old.Length == 0)
        {
            throw Operators.Failure("An empty string can't be replaced.");
        }
        var found = Count(text, old, budget);
        found = count < 0 ? found : Math.Min(found, count);
        budget.SpendText(text.Length + (long)found * (replacement.Length - old.Length));
        if (count < 0)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }
        var output = new System.Text.StringBuilder(text.Length);
        var at = 0;
        for (; found > 0; found--)
        {
            var next = text.IndexOf(old, at, StringComparison.Ordinal);
            output.Append(text, at, next - at).Append(replacement);
            at = next + old.Length;
        }
        return output.Append(text, at, text.Length - at).ToString();
    }

    public static StringValue Join(string separator, IReadOnlyList<Value> items, TemplateBudget budget)
    {
        var texts = new string[items.Count];
        long length = 0;
        for (var index = 0; index < texts.Length; index++)
        {
            budget.Spend();
            texts[index] = ValueText.Of(items[index], budget);
            length += texts[index].Length + separator.Length;
            TemplateBudget.CheckText(length - separator.Length);
        }
        budget.SpendText(Math.Max(0, length - separator.Length));
        return new StringValue(string.Join(separator, texts));
    }

    /// <summary>Every word's first letter in upper case, the rest in lower; a word is what letters make.</summary>
    private static string Title(string text)
    {
        var output = text.ToCharArray();
        for (var index = 0; index < output.Length; index++)
        {
            var isInside = index > 0 && char.IsLetter(text[index - 1]);
            output[index] = isInside ? char.ToLowerInvariant(text[index]) : char.ToUpperInvariant(text[index]);
        }
        return new string(output);
    }

    private static bool Any(CallArguments arguments, Func<string, bool> matches, TemplateBudget budget) => arguments.Required(0, "prefix") switch
    {
        StringValue part => matches(part.Text),
        ListValue parts => parts.Items.Any(part => matches(ValueText.Of(part, budget))),
        _ => throw Operators.Failure($"{arguments.Callee} needs a string."),
    };

    private static string RemovePrefix(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string RemoveSuffix(string text, string suffix) => text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static int Count(string text, string part, TemplateBudget budget)
    {
        budget.SpendText(text.Length);
        return part.Length == 0 ? text.Length + 1 : text.AsSpan().Count(part);
    }

    private static ListValue Split(string text, string? separator, int splitsMax, TemplateBudget budget)
    {
        var pieces = separator is null
            ? SplitAtSpace(text, splitsMax)
            : text.Split(NonEmpty(separator), splitsMax is < 0 or int.MaxValue ? int.MaxValue : splitsMax + 1);
        return ListOf(pieces, budget);
    }

    private static string[] SplitAtSpace(string text, int splitsMax)
    {
        var pieces = new List<string>();
        var rest = text.AsSpan().TrimStart();
        while (!rest.IsEmpty)
        {
            var end = 0;
            while (end < rest.Length && !char.IsWhiteSpace(rest[end]))
            {
                end++;
            }
            if (pieces.Count == splitsMax)
            {
                pieces.Add(rest.TrimEnd().ToString());
                break;
            }
            pieces.Add(rest[..end].ToString());
            rest = rest[end..].TrimStart();
        }
        return pieces.ToArray();
    }

    private static ListValue SplitFromEnd(string text, string separator, int splitsMax, TemplateBudget budget)
    {
        var pieces = text.Split(NonEmpty(separator));
        var whole = splitsMax < 0 ? 0 : Math.Max(0, pieces.Length - splitsMax - 1);
        return ListOf([string.Join(separator, pieces[..(whole + 1)]), .. pieces[(whole + 1)..]], budget);
    }

    private static ListValue Lines(string text, TemplateBudget budget)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        return ListOf(lines[^1].Length == 0 ? lines[..^1] : lines, budget);
    }

    private static ListValue ListOf(string[] pieces, TemplateBudget budget)
    {
        budget.Spend(pieces.Length);
        return new ListValue(pieces.Select(Value (piece) => new StringValue(piece)).ToArray());
    }

    private static string NonEmpty(string separator) => separator.Length > 0 ? separator : throw Operators.Failure("A separator can't be empty.");
}
