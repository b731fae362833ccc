using System.Globalization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>What a field holds in one job.</summary>
/// <param name="Text">As an argument.</param>
/// <param name="Number">Of a number.</param>
internal readonly record struct CommandValue(string Text, double Number = 0)
{
    /// <summary>A number, as programs read it.</summary>
    public static CommandValue Of(double number) => new(number.ToString("0.######", CultureInfo.InvariantCulture), number);
}
