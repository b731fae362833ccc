using System.Text;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Requests for videos, in JSON and in forms.</summary>
public sealed class VideoReaderTests
{
    [Theory]
    [InlineData("""{"model":"m","prompt":"p"}""", 4u, "auto")]
    [InlineData("""{"model":"m","prompt":"p","seconds":null,"size":null}""", 4u, "auto")]
    [InlineData("""{"model":"m","prompt":"p","duration_seconds":5,"size":"auto"}""", 5u, "auto")]
    [InlineData("""{"model":"m","prompt":"p","seconds":"12","size":"1792x1024"}""", 12u, "1792x1024")]
    [InlineData("""{"model":"m","prompt":"p","seconds":2,"duration_seconds":2,"user":"u","anything":[1]}""", 2u, "auto")]
    public void Read_EachWayToSayIt_IsOneRequest(string body, uint seconds, string size)
    {
        Assert.Null(VideoRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request));
        Assert.Equal(("m", "p", seconds, size), (request!.Model, request.Work.Prompt, request.Work.Seconds, request.Size));
        Assert.Equal(seconds, request.OutputUnitsMax(0));
    }

    [Fact]
    public void Write_AForm_ReadsAsTheSameRequest()
    {
        FormBody form = new(
        [
            Part("model", "m"), Part("prompt", "a \"boat\"\n"), Part("seconds", "8"), Part("size", "320x256"), Part("seed", "-7"),
            new FormPart("input_reference", "x.png", Pictures.Png(256, 256)),
        ]);
        Assert.Null(VideoRequestReader.TryRead(form, out var fromForm));
        Assert.Null(VideoRequestReader.TryRead(VideoRequestReader.Write(fromForm!), out var again));
        Assert.Equal(fromForm!.Work, again!.Work);
        Assert.Equal((fromForm.Model, fromForm.Seed), (again.Model, again.Seed));
        Assert.Equal(unchecked((ulong)-7), again.Seed);
        Assert.Equal(Pictures.Png(256, 256), again.Work.Image.ToByteArray());
    }

    [Theory]
    [InlineData("seconds", "four", "seconds")]
    [InlineData("duration_seconds", "x", "duration_seconds")]
    [InlineData("size", "64", "size")]
    [InlineData("input_reference", "not a file", "input_reference")]
    [InlineData("input_reference[image_url]", "data:image/png;base64,AA==", "input_reference[image_url]")]
    public void Read_AFormThatIsWrong_NamesTheField(string name, string value, string param)
    {
        FormBody form = new([Part("model", "m"), Part("prompt", "p"), Part(name, value)]);
        Assert.Equal((400, param), VideoRequestReader.TryRead(form, out var request) is { } error ? (error.Status, error.Param) : default);
        Assert.Null(request);
    }

    private static FormPart Part(string name, string value) => new(name, null, Encoding.UTF8.GetBytes(value));
}
