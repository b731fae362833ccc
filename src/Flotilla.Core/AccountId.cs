namespace Flotilla.Core;

/// <summary>Somebody who owns namespaces, or earns as an operator.</summary>
/// <param name="Value">The text form: <c>acct_ and 32 hexadecimal digits</c>.</param>
public readonly record struct AccountId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "acct_";

    /// <summary>Draws a new id.</summary>
    public static AccountId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
