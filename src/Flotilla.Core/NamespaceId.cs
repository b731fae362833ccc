namespace Flotilla.Core;

/// <summary>What owns a balance, API keys and usage.</summary>
/// <param name="Value">The text form: <c>ns_ and 32 hexadecimal digits</c>.</param>
public readonly record struct NamespaceId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "ns_";

    /// <summary>Draws a new id.</summary>
    public static NamespaceId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
