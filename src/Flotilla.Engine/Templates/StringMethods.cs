namespace Flotilla.Engine.Templates;

/// <summary>The methods of strings that chat templates use, as Python has them.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<string, CallArguments, TemplateBudget, Value>> s_methods = new(StringComparer.Ordinal)
    {
        ["strip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), true, true)),
        ["lstrip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), true, false)),
        ["rstrip"] = (text, arguments, _) => new StringValue(Strip(text, arguments.OptionalText(0, "chars"), false, true)),
        ["upper"] = (text, _, _) => new StringValue(ForeignText.Change(text, plain => plain.ToUpperInvariant())),
        ["lower"] = (text, _, _) => new StringValue(ForeignText.Change(text, plain => plain.ToLowerInvariant())),
        ["title"] = (text, _, _) => new StringValue(ForeignText.Change(text, Title)),
        ["capitalize"] = (text, _, _) => new StringValue(ForeignText.Change(text, Capitalize)),
        ["startswith"] = (text, arguments, budget) => Value.Of(Any(arguments, part => ForeignText.Plain(text).StartsWith(part, StringComparison.Ordinal), budget)),
        ["endswith"] = (text, arguments, budget) => Value.Of(Any(arguments, part => ForeignText.Plain(text).EndsWith(part, StringComparison.Ordinal), budget)),
        ["removeprefix"] = (text, arguments, _) => new StringValue(RemovePrefix(text, ForeignText.Plain(arguments.Text(0, "prefix")))),
        ["removesuffix"] = (text, arguments, _) => new StringValue(RemoveSuffix(text, ForeignText.Plain(arguments.Text(0, "suffix")))),
        ["replace"] = (text, arguments, budget) =>
            new StringValue(Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.OptionalInt(2, "count") ?? -1, budget)),
        ["split"] = (text, arguments, budget) => Split(text, arguments.OptionalText(0, "sep"), arguments.OptionalInt(1, "maxsplit") ?? -1, budget),
        ["rsplit"] = (text, arguments, budget) => SplitFromEnd(text, arguments.Text(0, "sep"), arguments.OptionalInt(1, "maxsplit") ?? -1, budget),
        ["splitlines"] = (text, _, budget) => Lines(text, budget),
        ["join"] = (text, arguments, budget) => Join(text, Operators.Items(arguments.Required(0, "items"), budget), budget),
        ["find"] = (text, arguments, _) => Value.Of(ForeignText.Plain(text).IndexOf(ForeignText.Plain(arguments.Text(0, "sub")), StringComparison.Ordinal)),
        ["rfind"] = (text, arguments, _) => Value.Of(ForeignText.Plain(text).LastIndexOf(ForeignText.Plain(arguments.Text(0, "sub")), StringComparison.Ordinal)),
        ["count"] = (text, arguments, budget) => Value.Of(Count(text, arguments.Text(0, "sub"), budget)),
        ["isdigit"] = (text, _, _) => Value.Of(text.Length > 0 && ForeignText.Plain(text).All(char.IsDigit)),
        ["isspace"] = (text, _, _) => Value.Of(text.Length > 0 && ForeignText.Plain(text).All(char.IsWhiteSpace)),
        ["isupper"] = (text, _, _) => Value.Of(ForeignText.Plain(text).Any(char.IsUpper) && !ForeignText.Plain(text).Any(char.IsLower)),
        ["islower"] = (text, _, _) => Value.Of(ForeignText.Plain(text).Any(char.IsLower) && !ForeignText.Plain(text).Any(char.IsUpper)),
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
        var plain = ForeignText.Plain(text);
        var stripped = characters is null ? null : ForeignText.Plain(characters);
        var (start, end) = (0, text.Length);
        while (fromStart && start < end && IsStripped(plain[start]))
        {
            start++;
        }
        while (fromEnd && end > start && IsStripped(plain[end - 1]))
        {
            end--;
        }
        return text[start..end];

        bool IsStripped(char unit) => stripped is null
            ? char.IsWhiteSpace(unit) || unit is >= '\x1c' and <= '\x1f'
            : stripped.Contains(unit, StringComparison.Ordinal);
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
        var (plain, sought) = (ForeignText.Plain(text), ForeignText.Plain(old));
        var output = new System.Text.StringBuilder(text.Length);
        var at = 0;
        for (; found > 0; found--)
        {
            var next = plain.IndexOf(sought, at, StringComparison.Ordinal);
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
        StringValue part => matches(ForeignText.Plain(part.Text)),
        ListValue parts => parts.Items.Any(part => matches(ForeignText.Plain(ValueText.Of(part, budget)))),
        _ => throw Operators.Failure($"{arguments.Callee} needs a string."),
    };

    private static string RemovePrefix(string text, string prefix) => ForeignText.Plain(text).StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string RemoveSuffix(string text, string suffix) => ForeignText.Plain(text).EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static int Count(string text, string part, TemplateBudget budget)
    {
        budget.SpendText(text.Length);
        return part.Length == 0 ? text.Length + 1 : ForeignText.Plain(text).AsSpan().Count(ForeignText.Plain(part));
    }

    private static ListValue Split(string text, string? separator, int splitsMax, TemplateBudget budget)
    {
        var pieces = separator is null
            ? SplitAtSpace(text, splitsMax)
            : Cut(text, NonEmpty(separator), splitsMax < 0 ? int.MaxValue : splitsMax);
        return ListOf(pieces, budget);
    }

    /// <summary>The pieces between occurrences of a separator; after so many, the rest is one.</summary>
    public static List<string> Cut(string text, string separator, int splitsMax)
    {
        var (plain, sought) = (ForeignText.Plain(text), ForeignText.Plain(separator));
        var pieces = new List<string>();
        var at = 0;
        while (pieces.Count < splitsMax && plain.IndexOf(sought, at, StringComparison.Ordinal) is >= 0 and var next)
        {
            pieces.Add(text[at..next]);
            at = next + sought.Length;
        }
        pieces.Add(text[at..]);
        return pieces;
    }

    private static List<string> SplitAtSpace(string text, int splitsMax)
    {
        var plain = ForeignText.Plain(text);
        var pieces = new List<string>();
        var at = PastSpace(plain, 0);
        while (at < plain.Length)
        {
            if (pieces.Count == splitsMax)
            {
                pieces.Add(text[at..plain.AsSpan().TrimEnd().Length]);
                break;
            }
            var end = at;
            while (end < plain.Length && !char.IsWhiteSpace(plain[end]))
            {
                end++;
            }
            pieces.Add(text[at..end]);
            at = PastSpace(plain, end);
        }
        return pieces;
    }

    private static int PastSpace(string plain, int at)
    {
        while (at < plain.Length && char.IsWhiteSpace(plain[at]))
        {
            at++;
        }
        return at;
    }

    private static ListValue SplitFromEnd(string text, string separator, int splitsMax, TemplateBudget budget)
    {
        var pieces = Cut(text, NonEmpty(separator), int.MaxValue);
        var whole = splitsMax < 0 ? 0 : Math.Max(0, pieces.Count - splitsMax - 1);
        // Cut out and not put together again: what stands between the first pieces is the text's own.
        var first = text[..(pieces.Take(whole + 1).Sum(piece => piece.Length) + whole * separator.Length)];
        return ListOf([first, .. pieces.Skip(whole + 1)], budget);
    }

    private static ListValue Lines(string text, TemplateBudget budget)
    {
        var plain = ForeignText.Plain(text);
        var lines = new List<string>();
        for (var at = 0; at < plain.Length;)
        {
            var end = plain.AsSpan(at).IndexOfAny('\r', '\n') is >= 0 and var found ? at + found : plain.Length;
            lines.Add(text[at..end]);
            at = end + (end + 1 < plain.Length && plain[end] == '\r' && plain[end + 1] == '\n' ? 2 : 1);
        }
        return ListOf(lines, budget);
    }

    private static ListValue ListOf(List<string> pieces, TemplateBudget budget)
    {
        budget.Spend(pieces.Count);
        return new ListValue(pieces.Select(Value (piece) => new StringValue(piece)).ToArray());
    }

    private static string NonEmpty(string separator) => separator.Length > 0 ? separator : throw Operators.Failure("A separator can't be empty.");
}
