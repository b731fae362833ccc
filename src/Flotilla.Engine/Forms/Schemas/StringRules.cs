using System.Collections.Frozen;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Strings: of a length, of a pattern, or of a format.</summary>
internal sealed class StringRules(GrammarBuilder grammar, JsonRules json, PatternRules patterns)
{
    // RFC 3339 with the days that the months have; 29 February in the years that have one.
    private const string Date =
        @"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
        + "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

    private const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private const string Byte = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";

    private static readonly FrozenDictionary<string, string> s_formats = new Dictionary<string, string>
    {
        ["date"] = $"^{Date}$",
        ["time"] = $"^{Time}$",
        ["date-time"] = $"^{Date}T{Time}$",
        ["duration"] = @"^P(?:\d{1,9}W|(?:\d{1,9}Y(?:\d{1,9}M(?:\d{1,9}D)?)?|\d{1,9}M(?:\d{1,9}D)?|\d{1,9}D)(?:T(?:\d{1,9}H(?:\d{1,9}M(?:\d{1,9}S)?)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S))?"
            + @"|T(?:\d{1,9}H(?:\d{1,9}M(?:\d{1,9}S)?)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S))$",
        ["email"] = $@"^[A-Za-z0-9_+-]{{1,32}}(?:\.[A-Za-z0-9_+-]{{1,31}})?@{Label}(?:\.{Label}){{1,3}}$",
        ["hostname"] = $@"^{Label}(?:\.{Label}){{0,4}}$",
        ["ipv4"] = $@"^{Byte}(?:\.{Byte}){{3}}$",
        ["ipv6"] = "^(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}|::(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}|::)$",
        ["uuid"] = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        ["uri"] = @"^https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[1-9]\d{0,3})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(?:#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?$",
    }.ToFrozenDictionary();

    /// <summary>A string as the facts say.</summary>
    public int Entry(SchemaFacts facts)
    {
        var isMeasured = facts.LengthMin > 0 || facts.LengthMax is not null;
        if ((isMeasured ? 1 : 0) + (facts.Pattern is null ? 0 : 1) + (facts.Format is null ? 0 : 1) > 1)
            throw facts.Parts[0].Wrong("answers cannot be held to more than one of 'pattern', 'format' and a length; put the length into the pattern.");
        if (facts.LengthMax < facts.LengthMin)
            return grammar.Either();
        var close = grammar.Text("\"", Grammar.Return);
        return grammar.Text("\"", Pattern(facts) is { } pattern ? Matching(facts, pattern, close) : grammar.Repeat(json.Character, facts.LengthMin, facts.LengthMax, close));
    }

    private static string? Pattern(SchemaFacts facts) => facts.Format is not { } format
        ? facts.Pattern
        : s_formats.TryGetValue(format, out var known)
            ? known
            : throw facts.Parts[0].Wrong($"answers cannot be held to the format '{format}'; known are {string.Join(", ", s_formats.Keys.Order())}.");

    private int Matching(SchemaFacts facts, string pattern, int close)
    {
        try
        {
            return patterns.Search(pattern, close);
        }
        catch (FormException exception) when (facts.Pattern is not null)
        {
            throw facts.Parts[0].Wrong(exception.Message);
        }
    }
}
