using System.Text.Json;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>One of the schemas that hold at a place together.</summary>
/// <param name="Pointer">Where it stands, as a JSON pointer from the root's <c>#</c>.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Chosen">Which of its <c>anyOf</c> (1) and <c>oneOf</c> (2) have become parts of their own.</param>
/// <param name="From">The schema that says that this one holds where it does; null for the first at a place.</param>
internal sealed record SchemaPart(string Pointer, JsonElement Schema, int Chosen = 0, SchemaPart? From = null)
{
    public const int AnyOf = 1;
    public const int OneOf = 2;

    /// <summary>Where it stands, as a JSON pointer from the root's <c>#</c>.</summary>
    public string Pointer { get; } = Pointer.Length <= TextLimits.SchemaPointerMax
        ? Pointer
        : throw new FormException($"{Pointer[..40]}…: names and depth make a pointer of {Pointer.Length} characters; at most {TextLimits.SchemaPointerMax} are allowed.");

    /// <summary>What tells it from every other part; the pointer last, for it may hold any character.</summary>
    public string Key => $"{Chosen} {Pointer}";

    /// <summary>The value of one of its keywords.</summary>
    public bool TryGet(string keyword, out JsonElement value)
    {
        value = default;
        return Schema.ValueKind == JsonValueKind.Object && Schema.TryGetProperty(keyword, out value);
    }

    /// <summary>A schema below it, for another value than its own.</summary>
    public SchemaPart Below(string keyword, JsonElement schema) => new($"{Pointer}/{keyword}", schema);

    /// <summary>A schema below it that is one of several under names.</summary>
    public SchemaPart Below(string keyword, string name, JsonElement schema) =>
        Below($"{keyword}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", schema);

    /// <summary>A complaint about it.</summary>
    public FormException Wrong(string what) => new($"{Pointer}: {what}");
}
