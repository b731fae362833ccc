namespace Flotilla.Engine.Chat.Python;

/// <summary>The signs of a call that has its arguments behind its name.</summary>
/// <param name="Open">What begins the arguments.</param>
/// <param name="Assign">What stands between an argument's name and its value.</param>
/// <param name="Close">What ends the arguments.</param>
/// <param name="TextTag">What texts may stand between instead of quotes, as they are; names in mappings stand alone then. Empty where there is no such tag.</param>
internal sealed record CallNotation(char Open, char Assign, char Close, string TextTag)
{
    /// <summary>Python's: <c>name(argument=value)</c>.</summary>
    public static CallNotation Python { get; } = new('(', '=', ')', "");

    /// <summary>FunctionGemma's: <c>name{argument:value}</c>.</summary>
    public static CallNotation FunctionGemma { get; } = new('{', ':', '}', "<escape>");
}
