namespace Flotilla.Core;

/// <summary>One unit of work that a request causes on a node; retries of the work are attempts of the same job.</summary>
/// <param name="Value">The text form: <c>job_ and 32 hexadecimal digits</c>.</param>
public readonly record struct JobId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "job_";

    /// <summary>Draws a new id.</summary>
    public static JobId New(IIdSource ids) => new(ids.Next(Prefix));

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
