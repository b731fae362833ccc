using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Arguments between tags, up to the tag that ends the call.</summary>
/// <param name="grammar">Where they are built.</param>
/// <param name="schemas">Gives what values may be.</param>
internal sealed class TaggedArguments(GrammarBuilder grammar, SchemaCompiler schemas)
{
    /// <summary>Any arguments with any values.</summary>
    public static int Any(GrammarBuilder grammar, JsonRules json) =>
        grammar.Loop(next => json.Space(Free(grammar, json.AnyWord, next)), json.Space(grammar.Text(TaggedCall.Close, Grammar.Return)));

    /// <summary>One argument of a name, with any text.</summary>
    public static int Free(GrammarBuilder grammar, Func<int, int> name, int next) => grammar.Text(
        TaggedCall.ArgumentOpen, name(grammar.Text($"{TaggedCall.NameEnd}\n", TaggedText.Until(grammar, TaggedCall.ArgumentClose, next, mayEnd: false))));

    /// <summary>One argument.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parts">The schemas for its value.</param>
    /// <param name="isText">Whether the value is a text, which stands as it is.</param>
    /// <param name="next">What follows it.</param>
    public int Member(string name, IReadOnlyList<SchemaPart> parts, bool isText, int next)
    {
        if (!TaggedCall.IsName(name))
            throw parts[0].Wrong($"the model writes calls in tags, where no argument can be called '{name}'.");
        if (isText && Texts(parts) is null)
            return Free(grammar, after => grammar.Text(name, after), next);
        var close = grammar.Text($"\n{TaggedCall.ArgumentClose}", next);
        var value = isText ? grammar.Either([.. Texts(parts)!.Select(text => grammar.Text(text, close))]) : schemas.Value(parts, close);
        return grammar.Text($"{TaggedCall.ArgumentOpen}{name}{TaggedCall.NameEnd}\n", value);
    }

    /// <summary>The only texts allowed; null where any is.</summary>
    private string[]? Texts(IReadOnlyList<SchemaPart> parts)
    {
        var facts = schemas.FactsOf(parts);
        if (facts.Parts.Count > 1 || facts.Pattern is not null || facts.Format is not null || facts.LengthMin > 0 || facts.LengthMax is not null
            || facts.Parts[0].TryGet("anyOf", out _) || facts.Parts[0].TryGet("oneOf", out _))
        {
            throw facts.Parts[0].Wrong("the model writes texts between tags, where they can be held to 'enum' and 'const' alone.");
        }

        string[]? texts = facts.Values is null ? null : [.. facts.Values.Where(v => SchemaFacts.TypeOf(v) == JsonTypes.String).Select(v => v.GetString()!)];
        return texts?.FirstOrDefault(t => t.Contains(TaggedCall.ArgumentClose, StringComparison.Ordinal)) is null
            ? texts
            : throw facts.Parts[0].Wrong($"the model writes texts between tags, and one has '{TaggedCall.ArgumentClose}' in it.");
    }
}
