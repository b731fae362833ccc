namespace Flotilla.Core;

/// <summary>One HTTP request to the gateway.</summary>
/// <param name="Value">The text form: <c>req_ and 32 hexadecimal digits</c>.</param>
public readonly record struct RequestId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "req_";

    /// <summary>Draws a new id.</summary>
    public static RequestId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
