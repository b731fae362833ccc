using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class DescriptionReaderTests
{
    private static readonly byte[] File = Pictures.Png(3, 2);
    private static readonly string Encoded = Convert.ToBase64String(File);
    private static readonly string DataUrl = $"data:image/png;base64,{Encoded}";

    [Theory]
    [InlineData("\"image\":\"DATA\"")]
    [InlineData("\"image\":\"BARE\"")]
    [InlineData("\"image_url\":\"DATA\"")]
    [InlineData("\"image_url\":{\"url\":\"DATA\"}")]
    [InlineData("\"b64_json\":\"BARE\"")]
    public void TryRead_APictureInAnyForm_IsAChatAboutIt(string picture)
    {
        var request = Read($$"""{"model":"m","n":2,"max_tokens":9,"temperature":0.5,"seed":7,{{picture.Replace("DATA", DataUrl, StringComparison.Ordinal).Replace("BARE", Encoded, StringComparison.Ordinal)}}}""");

        Assert.Equal((InferenceEndpoint.ImageDescriptions, "m", 2, 9u, 7ul), (request.Endpoint, request.Model, request.ChoicesTotal, request.Work.MaxTokens, request.Seed!.Value));
        Assert.Equal(0.5f, request.Work.Sampling.Temperature);
        var message = Assert.Single(request.Work.Chat.Messages);
        Assert.Equal("user", message.Role);
        Assert.Equal((DataUrl, "Describe this image."), (message.Parts[0].Image.Url, message.Parts[1].Text));
        Assert.Equal(Capability.Vision, Assert.Single(request.Needs).Capability);
        Assert.Empty(request.RemoteImages);
        Assert.True(request.InputUnitsMax(1 << 20) >= OpenAiLimits.PerImageAllowance);
    }

    [Fact]
    public void TryRead_WordsAndDetail_GoWithThePicture()
    {
        var request = Read($$"""{"model":"m","prompt":"What animal?","detail":"low","image":"{{DataUrl}}"}""");

        Assert.Equal("low", request.Work.Chat.Messages[0].Parts[0].Image.Detail);
        Assert.Equal("What animal?", request.Work.Chat.Messages[0].Parts[1].Text);
        Assert.Equal("high", Read($$$"""{"model":"m","image_url":{"url":"{{{DataUrl}}}","detail":"high"}}""").Work.Chat.Messages[0].Parts[0].Image.Detail);
    }

    [Fact]
    public void TryRead_APictureElsewhere_IsToBeFetched()
    {
        var request = Read("""{"model":"m","image":"https://pictures.example/a.png"}""");

        Assert.Equal([new RemoteImage("https://pictures.example/a.png", "image")], request.RemoteImages);
    }

    [Fact]
    public void TryReadForm_AFileAndValues_IsTheSame()
    {
        Assert.Null(DescriptionRequestReader.TryReadForm(Form(("model", null, "m"u8.ToArray()), ("image", "whatever.exe", File), ("prompt", null, "7"u8.ToArray()), ("n", null, "2"u8.ToArray())), out var request));

        Assert.Equal(("m", 2), (request!.Model, request.ChoicesTotal));
        Assert.Equal((DataUrl, "7"), (request.Work.Chat.Messages[0].Parts[0].Image.Url, request.Work.Chat.Messages[0].Parts[1].Text));
        Assert.Null(DescriptionRequestReader.TryReadForm(Form(("model", null, "m"u8.ToArray()), ("image", null, Encoding.ASCII.GetBytes(DataUrl))), out request));
        Assert.Equal(DataUrl, request!.Work.Chat.Messages[0].Parts[0].Image.Url);
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "image")]
    [InlineData("""{"image":"data:image/png;base64,aGk="}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"m","image":7}""", "invalid_type", "image")]
    [InlineData("""{"model":"m","image":""}""", "invalid_value", "image")]
    [InlineData("""{"model":"m","image":"aGk="}""", "invalid_value", "image")]
    [InlineData("""{"model":"m","image":"file:///etc/passwd"}""", "invalid_value", "image")]
    [InlineData("""{"model":"m","image_url":{}}""", "missing_required_parameter", "image_url.url")]
    [InlineData("""{"model":"m","image_url":{"url":"data:image/png;base64,aGk=","detail":"huge"}}""", "invalid_value", "image_url.detail")]
    [InlineData("""{"model":"m","b64_json":"%%"}""", "invalid_value", "b64_json")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","image_url":"data:image/png;base64,aGk="}""", "invalid_request", "image_url")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","prompt":""}""", "invalid_value", "prompt")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","n":9}""", "invalid_value", "n")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","stream":true}""", "unsupported_parameter", "stream")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","tools":[]}""", "unsupported_parameter", "tools")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","models":["a","b"]}""", "unsupported_parameter", "models")]
    public void TryRead_WhatIsWrong_IsNamed(string body, string code, string param)
    {
        var error = DescriptionRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request);

        Assert.Null(request);
        Assert.Equal((code, param), (error!.CodeText, error.Param));
    }

    [Fact]
    public void TryReadForm_WhatIsWrong_IsNamed()
    {
        var model = ("model", (string?)null, "m"u8.ToArray());
        Assert.Equal("image", Error(model, ("image", "a.png", "<svg/>"u8.ToArray())).Param);
        Assert.Equal("image", Error(model, ("image", "a.png", Pictures.Png(100_000, 100_000))).Param);
        Assert.Equal("image", Error(model).Param);
        Assert.Equal("image", Error(model, ("image", "a.png", File), ("image", "b.png", File)).Param);
        Assert.Equal("image_url", Error(model, ("image", "a.png", File), ("image_url", null, Encoding.ASCII.GetBytes(DataUrl))).Param);
        Assert.Equal("n", Error(model, ("image", "a.png", File), ("n", null, "many"u8.ToArray())).Param);
        Assert.Equal("model", Error(("model", "a.png", "m"u8.ToArray()), ("image", "a.png", File)).Param);
    }

    private static TextInference Read(string body)
    {
        Assert.Null(DescriptionRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }

    private static ApiError Error(params (string Name, string? File, byte[] Content)[] parts)
    {
        var error = DescriptionRequestReader.TryReadForm(Form(parts), out var request);
        Assert.Null(request);
        return Assert.IsType<ApiError>(error);
    }

    private static FormBody Form(params (string Name, string? File, byte[] Content)[] parts) => new([.. parts.Select(p => new FormPart(p.Name, p.File, p.Content))]);
}
