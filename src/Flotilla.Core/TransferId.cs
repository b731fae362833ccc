namespace Flotilla.Core;

/// <summary>One movement of money; the idempotency key of that movement.</summary>
/// <param name="Value">The text form: <c>tx_ and 32 hexadecimal digits</c>.</param>
public readonly record struct TransferId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "tx_";

    /// <summary>Draws a new id.</summary>
    public static TransferId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
