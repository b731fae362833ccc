using Flotilla.Node.Runtimes.Command;

namespace Flotilla.Node.Tests.Runtimes.Command;

public sealed class CommandOptionsTests
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Choices = new()
    {
        ["voice"] = new Dictionary<string, IReadOnlyList<string>> { ["a"] = [] },
        ["response_format"] = new Dictionary<string, IReadOnlyList<string>> { ["mp3"] = [] },
    };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{speed}", "1.5")]
    [InlineData("atempo={speed:sqrt},atempo={speed:sqrt}", "atempo=1.224745,atempo=1.224745")]
    [InlineData("--rate={speed:*175}", "--rate=262")]
    [InlineData("a{input}b{speed}", "a-rfb1.5")]
    public void A_template_is_filled(string text, string expected)
    {
        var (template, error) = ArgumentTemplate.Parse(text);
        Assert.Null(error);
        Assert.Equal(expected, template!.Fill(new Dictionary<string, CommandValue> { ["speed"] = CommandValue.Of(1.5), ["input"] = new("-rf") }));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { """{"model":"m","does":"speech","programs":[]}""", "programs has 0 entries" },
        { """{"model":"m m","does":"speech","programs":[{"run":["x"]}]}""", "model is 'm m'" },
        { """{"model":"m","does":"dance","programs":[{"run":["x"]}]}""", "is no command file" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"shell":true}""", "is no command file" },
        { """{"model":"m","does":"speech","programs":[{"run":[]}]}""", "begins with ''" },
        { """{"model":"m","does":"speech","programs":[{"run":["{input}"]}]}""", "begins with '{input}'" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","{input}"]}]}""", "could be taken for an option" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","{file}"]}]}""", "names the field 'file'" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","{voice}"]}]}""", "whose words are in choices.voice" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","-v{voice}"]}],"choices":{"voice":{"a":["a"]}}}""", "stands alone" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","{speed"]}]}""", "without its '}'" },
        { """{"model":"m","does":"speech","programs":[{"run":["x","{speed:/2}"]}]}""", "there are sqrt and *NUMBER" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"],"stdin":"{speed}"}]}""", "a text field in braces" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]},{"run":["y"],"stdin":"{input}"}]}""", "only the first program" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"choices":{"speed":{"a":[]}}}""", "choices names the field 'speed'" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"choices":{"voice":{}}}""", "choices.voice has no word" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"choices":{"voice":{"a b":[]}}}""", "choices.voice has 1 words; a model has at most 128 voices, and a name has" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"output_file":"../x"}""", "output_file is '../x'" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"seconds":0}""", "seconds is 0" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"admission_seconds":601}""", "admission_seconds is 601; it is 0 to 600" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}],"memory_mb":-1}""", "memory_mb is -1" },
        { """{"model":"m","does":"speech","programs":null}""", "is no command file" },
        { """{"model":"m","does":"speech","programs":[{"run":["x"]}]}""", "choices has no 'voice'" },
        { """{"model":"m","does":"image","programs":[{"run":["x"]}]}""", "choices has no 'output_format'" },
        { """{"model":"m","does":"transcription","programs":[{"run":["x"]}]}""", "pcm_bytes_per_second is 0" },
        { """{"model":"m","does":"video","programs":[{"run":["x"]}]}""", "output_file is not there" },
        { """{"model":"m","does":"image","programs":[{"run":["x"]}],"choices":{"output_format":{"png":[]},"task":{"paint":[]}}}""", "has the word 'paint'; there are generate, edit, variation" },
        { """{"model":"m","does":"image","programs":[{"run":["x"]}],"choices":{"output_format":{"png":[]},"mask":{"maybe":[]}}}""", "has the word 'maybe'; there are none, given" },
        { """{"model":"m","does":"video","programs":[{"run":["x","{mask}"]}],"output_file":"a"}""", "names the field 'mask'" },
        { "[]", "is no command file" },
        { "null", "holds null" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_file_that_is_wrong_says_why(string json, string expected)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("flotilla-test-").FullName, "command.json");
        File.WriteAllText(path, json);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => CommandFile.Read(path)).Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Theory]
    [InlineData("--text={input}")]
    [InlineData("{speed}")]
    [InlineData("--speed={speed:*2}")]
    public void An_argument_that_can_be_no_option_of_a_clients_is_taken(string argument) =>
        Assert.Empty(CommandOptionsValidator.Errors(new CommandOptions { Model = "m", Does = CommandTask.Speech, Programs = [new CommandProgram { Run = ["x", argument] }], Choices = Choices }));

    [Fact]
    public void After_two_dashes_a_text_stands_alone() =>
        Assert.Empty(CommandOptionsValidator.Errors(new CommandOptions { Model = "m", Does = CommandTask.Speech, Programs = [new CommandProgram { Run = ["x", "--", "{input}"] }], Choices = Choices }));
}
