namespace Flotilla.Gateway.Tests.Requests;

/// <summary>One value of one field.</summary>
/// <param name="Field">Where it stands, such as <c>provider.max_price.prompt</c>.</param>
/// <param name="Value">The value, as JSON.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Fits">Whether the document allows it; null where only a wrong status would be a fault.</param>
internal sealed record BoundaryCase(string Field, string Value, string Body, bool? Fits)
{
    /// <summary>Whether an error's <c>param</c> is the field, a part of it, or the object that it stands in.</summary>
    public bool IsNamedBy(string? param) =>
        param is not null && (param == Field || IsIn(param, Field) || IsIn(Field, param));

    private static bool IsIn(string inner, string outer) => inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] is '.' or '[';
}
