using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class DescriptionReaderTests
{
    private static readonly byte[] File = Pictures.Png(3, 2);
    private static readonly string Encoded = Convert.ToBase64String(File);
    private static readonly byte[] Film = Mp4Sample.Of(2);
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
        Assert.Empty(request.RemoteFiles);
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

        Assert.Equal([new RemoteFile("https://pictures.example/a.png", "image", RemoteKind.Image)], request.RemoteFiles);
    }

    [Fact]
    public void TryReadForm_AFileAndValues_IsTheSame()
    {
        Assert.Null(DescriptionRequestReader.TryReadImage(Form(("model", null, "m"u8.ToArray()), ("image", "whatever.exe", File), ("prompt", null, "7"u8.ToArray()), ("n", null, "2"u8.ToArray())), out var request));

        Assert.Equal(("m", 2), (request!.Model, request.ChoicesTotal));
        Assert.Equal((DataUrl, "7"), (request.Work.Chat.Messages[0].Parts[0].Image.Url, request.Work.Chat.Messages[0].Parts[1].Text));
        Assert.Null(DescriptionRequestReader.TryReadImage(Form(("model", null, "m"u8.ToArray()), ("image", null, Encoding.ASCII.GetBytes(DataUrl))), out request));
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
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","n":129}""", "invalid_value", "n")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","stream":true}""", "unsupported_parameter", "stream")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","tools":[]}""", "unsupported_parameter", "tools")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,aGk=","models":["a","b"]}""", "unsupported_parameter", "models")]
    public void TryRead_WhatIsWrong_IsNamed(string body, string code, string param)
    {
        var error = DescriptionRequestReader.TryReadImage(Encoding.UTF8.GetBytes(body), out var request);

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

    [Theory]
    [InlineData("\"video\":\"DATA\"")]
    [InlineData("\"video\":\"BARE\"")]
    [InlineData("\"video_url\":\"DATA\"")]
    [InlineData("\"video_url\":{\"url\":\"DATA\",\"detail\":\"low\"}")]
    [InlineData("\"b64_json\":\"BARE\"")]
    public void TryReadVideo_AVideoInAnyForm_IsAChatWithPlacesForItsFrames(string video)
    {
        var bare = Convert.ToBase64String(Film);
        var request = ReadVideo($$"""{"model":"m","frames":3,"frames_model":"f",{{video.Replace("DATA", "data:video/quicktime;base64," + bare, StringComparison.Ordinal).Replace("BARE", bare, StringComparison.Ordinal)}}}""");

        Assert.Equal((InferenceEndpoint.VideoDescriptions, "m", "f", 3u), (request.Endpoint, request.Model, request.Frames!.Model, request.Frames.Work.Count));
        Assert.Equal(Film, request.Frames.Work.Video.ToByteArray());
        var parts = Assert.Single(request.Work.Chat.Messages).Parts;
        Assert.Equal([.. Enumerable.Repeat(ContentPart.BodyOneofCase.Image, 3), ContentPart.BodyOneofCase.Text], parts.Skip(1).Select(p => p.BodyCase));
        Assert.Equal("Describe this video.", parts[^1].Text);
        Assert.Equal(Capability.Vision, Assert.Single(request.Needs).Capability);
        Assert.Empty(request.RemoteFiles);
        // What the frames may cost is priced before they are there.
        Assert.True(request.InputUnitsMax(1 << 20) >= 3 * OpenAiLimits.PerImageAllowance);
        Assert.Equal((0, 3), (request.Frames.InputUnitsMax(1 << 20), request.Frames.OutputUnitsMax(1 << 20)));
    }

    [Fact]
    public void TryReadVideo_AVideoElsewhere_IsToBeFetchedForItsFrames()
    {
        var request = ReadVideo("""{"model":"m","video":"https://films.example/a.mp4","provider":{"only":["EU"],"max_price":{"completion":1}}}""");

        Assert.Empty(request.RemoteFiles);
        Assert.Equal([new RemoteFile("https://films.example/a.mp4", "video", RemoteKind.Video)], request.Frames!.RemoteFiles);
        Assert.Equal("EU", Assert.Single(request.Frames.Provider.Only));
        Assert.Null(request.Frames.Provider.CompletionPriceMax);
        request.Frames.Place(url => RemoteKind.Video.DataUrl(Film, out _));
        Assert.Equal(Film, request.Frames.Work.Video.ToByteArray());
    }

    [Fact]
    public void TryReadVideo_WhatIsWrong_IsNamed()
    {
        foreach (var (file, says) in new (byte[] File, string Says)[]
        {
            (File, "is no whole MP4 file"), (Film[..^9], "is no whole MP4 file"), (Mp4Sample.Of(OpenAiLimits.VideoPlaysSecondsMax + 1), "plays for 601 s"), (Mp4Sample.Of(100_000_000), "plays for"),
            (Mp4Sample.Of(1, width: 4096, height: 2161), "has pictures of 4096 x 2161 pixels"), (Mp4Sample.Of(1, width: 0), "has pictures of 0 x 64 pixels"),
        })
        {
            var error = VideoError($$"""{"model":"m","video":"{{Convert.ToBase64String(file)}}"}""");
            Assert.Equal(("invalid_value", "video"), (error.CodeText, error.Param));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            Assert.Equal(error, VideoError($$"""{"model":"m","video":"data:video/mp4;base64,{{Convert.ToBase64String(file)}}"}"""));
            Assert.Null(DescriptionRequestReader.TryReadVideo(Form(("model", null, "m"u8.ToArray()), ("video", "a.mp4", Film)), out _));
            Assert.Equal("video", DescriptionRequestReader.TryReadVideo(Form(("model", null, "m"u8.ToArray()), ("video", "a.mp4", file)), out _)!.Param);
        }

        foreach (var (fields, param) in new[]
        {
            ("", "video"), ("\"video\":\"data:image/png;base64,aGk=\"", "video"), ("\"video\":\"file:///etc/passwd\"", "video"), ("\"video\":\"FILM\",\"b64_json\":\"FILM\"", "b64_json"),
            ("\"video\":\"FILM\",\"frames\":0", "frames"), ("\"video\":\"FILM\",\"frames\":17", "frames"), ("\"video\":\"FILM\",\"image\":\"x\",\"stream\":true", "stream"),
        })
            Assert.Equal(param, VideoError($$"""{"model":"m"{{(fields.Length > 0 ? "," : "")}}{{fields.Replace("FILM", Convert.ToBase64String(Film), StringComparison.Ordinal)}}}""").Param);
    }

    private static TextInference ReadVideo(string body)
    {
        Assert.Null(DescriptionRequestReader.TryReadVideo(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }

    private static ApiError VideoError(string body)
    {
        var error = DescriptionRequestReader.TryReadVideo(Encoding.UTF8.GetBytes(body), out var request);
        Assert.Null(request);
        return Assert.IsType<ApiError>(error);
    }

    private static TextInference Read(string body)
    {
        Assert.Null(DescriptionRequestReader.TryReadImage(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }

    private static ApiError Error(params (string Name, string? File, byte[] Content)[] parts)
    {
        var error = DescriptionRequestReader.TryReadImage(Form(parts), out var request);
        Assert.Null(request);
        return Assert.IsType<ApiError>(error);
    }

    private static FormBody Form(params (string Name, string? File, byte[] Content)[] parts) => new([.. parts.Select(p => new FormPart(p.Name, p.File, p.Content))]);
}
