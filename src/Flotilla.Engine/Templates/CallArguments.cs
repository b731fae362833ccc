namespace Flotilla.Engine.Templates;

/// <summary>The evaluated arguments of a call, filter or test.</summary>
internal sealed class CallArguments(string callee, IReadOnlyList<Value> positional, IReadOnlyList<(string Name, Value Value)> named)
{
    public string Callee => callee;

    public IReadOnlyList<Value> Positional => positional;

    public IReadOnlyList<(string Name, Value Value)> Named => named;

    public int Count => positional.Count;

    public Value this[int index] => positional[index];

    /// <summary>The argument at a position or of a name, or null.</summary>
    public Value? Optional(int index, string name)
    {
        if (index < positional.Count)
        {
            return positional[index];
        }
        foreach (var (given, value) in named)
        {
            if (given == name)
            {
                return value;
            }
        }
        return null;
    }

    public Value Required(int index, string name) =>
        Optional(index, name) ?? throw new TemplateException(TemplateError.Evaluation, $"{callee} needs the argument '{name}'.");

    public string Text(int index, string name) => Required(index, name) is StringValue text
        ? text.Text
        : throw new TemplateException(TemplateError.Evaluation, $"{callee} needs a string for '{name}'.");

    public string? OptionalText(int index, string name) => Optional(index, name) is null or NoneValue ? null : Text(index, name);

    public int? OptionalInt(int index, string name) => Optional(index, name) switch
    {
        null or NoneValue => null,
        IntValue number => (int)Int128.Clamp(number.Number, int.MinValue, int.MaxValue),
        BoolValue flag => flag.Flag ? 1 : 0,
        _ => throw new TemplateException(TemplateError.Evaluation, $"{callee} needs an integer for '{name}'."),
    };
}
