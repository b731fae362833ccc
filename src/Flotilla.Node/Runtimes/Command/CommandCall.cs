using System.Text;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>What one job gives to its programs: their arguments, and what the first one reads.</summary>
internal sealed class CommandCall
{
    private CommandCall(IReadOnlyList<IReadOnlyList<string>> runs, byte[] input) => (Runs, Input) = (runs, input);

    /// <summary>The arguments of each program, the program itself first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Runs { get; }

    /// <summary>What the first program reads.</summary>
    public byte[] Input { get; }

    /// <summary>Fills a command's arguments with a job's fields.</summary>
    /// <param name="options">The command.</param>
    /// <param name="values">Every field of the command's task, those that the client left out with their defaults.</param>
    /// <param name="given">The fields that the client gave, and that must therefore have an effect.</param>
    /// <returns>The call, or why the client cannot have it.</returns>
    public static (CommandCall? Call, RunFailure? Failure) Build(CommandOptions options, IReadOnlyDictionary<string, CommandValue> values, IEnumerable<string> given)
    {
        var used = Used(options);
        foreach (var field in given)
        {
            if (!used.Contains(field) && !options.Choices.ContainsKey(field))
                return (null, new RunFailure(Code.Unsupported, $"The model '{options.Model}' does not have '{field}'. Leave it out.", Retryable: false) { Param = field });
        }

        foreach (var (field, words) in options.Choices)
        {
            var word = values[field].Text;
            if (word.Length > 0 && !words.ContainsKey(word))
                return (null, RunFailure.NoSuchWord(options.Model, field, [.. words.Keys]));
        }

        foreach (var field in used)
        {
            // The end of a text for a program written in C, where the client meant none.
            if (values[field].Text.Contains('\0', StringComparison.Ordinal))
                return (null, Invalid(field, $"'{field}' holds the character U+0000, which this model cannot take."));
        }

        var stdin = options.Programs[0].Stdin is { } input ? ArgumentTemplate.Parse(input).Template!.Fill(values) : "";
        return (new CommandCall([.. options.Programs.Select(p => Arguments(options, p, values))], Encoding.UTF8.GetBytes(stdin)), null);
    }

    private static HashSet<string> Used(CommandOptions options) =>
        [.. options.Programs.SelectMany(p => p.Run.Append(p.Stdin ?? "")).SelectMany(a => ArgumentTemplate.Parse(a).Template!.Fields)];

    private static List<string> Arguments(CommandOptions options, CommandProgram program, IReadOnlyDictionary<string, CommandValue> values)
    {
        var arguments = new List<string>();
        foreach (var argument in program.Run)
        {
            var template = ArgumentTemplate.Parse(argument).Template!;
            if (template.OnlyField is { } field && options.Choices.TryGetValue(field, out var words))
                arguments.AddRange(values[field].Text is { Length: > 0 } word ? words[word] : words.First().Value);
            else
                arguments.Add(template.Fill(values));
        }

        return arguments;
    }

    private static RunFailure Invalid(string field, string message) => new(Code.InvalidRequest, message, Retryable: false) { Param = field };
}
