namespace Flotilla.Engine.Templates;

/// <summary>Names in force at a place of the template; what an inner scope does not have, an outer one may.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, Value> _names = new(StringComparer.Ordinal);

    public void Set(string name, Value value) => _names[name] = value;

    public Value Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._names.TryGetValue(name, out var value))
            {
                return value;
            }
        }
        return new UndefinedValue(name);
    }

    private Scope? Outer => outer;
}
