namespace Flotilla.Core;

/// <summary>An API key's public name; it is not the secret.</summary>
/// <param name="Value">The text form: <c>key_ and 32 hexadecimal digits</c>.</param>
public readonly record struct KeyId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "key_";

    /// <summary>Draws a new id.</summary>
    public static KeyId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
