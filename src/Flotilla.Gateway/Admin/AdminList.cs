namespace Flotilla.Gateway.Admin;

/// <summary>Every listing of the admin API: <c>{"data":[…]}</c>.</summary>
/// <param name="Data">The rows.</param>
public sealed record AdminList<T>(IReadOnlyList<T> Data);
