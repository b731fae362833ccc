using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>What is written for an upstream, our own readers read as the same request.</summary>
public sealed class MediaRequestWriterTests
{
    private static readonly ByteString Png = ByteString.CopyFrom(Pictures.Png(64, 48));

    [Fact]
    public void Write_Speech_ReadsBackTheSame()
    {
        var work = new SpeechRequest { Input = "Hällo \"you\"", Voice = "nova", Instructions = "softly", ResponseFormat = "flac", Speed = 0.25f };
        Assert.Null(SpeechRequestReader.TryRead(MediaRequestWriter.Write(work, "theirs"), out var read));
        Assert.Equal("theirs", read!.Model);
        Assert.Equal(work, read.Work);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_Pictures_ReadsBackTheSame(bool asksBase64)
    {
        var work = new ImageRequest
        {
            Task = ImageRequest.Types.Task.Generate, Prompt = "a \"boat\"", Count = 3, Width = 320, Height = 256, Quality = "hd", Style = "vivid", Background = "opaque", OutputFormat = "webp",
        };
        Assert.Null(ImageRequestReader.TryRead(MediaRequestWriter.Write(work, "theirs", asksBase64), out var read));
        Assert.Equal("theirs", read!.Model);
        Assert.Equal(work, read.Work);
    }

    [Fact]
    public void Form_EditAndVariation_ReadBackTheSame()
    {
        var edit = new ImageRequest { Task = ImageRequest.Types.Task.Edit, Prompt = "a boat", Count = 2, OutputFormat = "png", Images = { Png, Png }, Mask = Png };
        Assert.Null(ImageRequestReader.TryReadEdit(MediaRequestWriter.Form(edit, "theirs", asksBase64: true), out var read));
        Assert.Equal(edit, read!.Work);
        var variation = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "jpeg", Images = { Png }, Strength = 0.75f };
        Assert.Null(ImageRequestReader.TryReadVariation(MediaRequestWriter.Form(variation, "theirs", asksBase64: false), out read));
        Assert.Equal(variation, read!.Work);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Form_Sound_ReadsBackTheSame(bool translate)
    {
        var work = new TranscriptionRequest { File = ByteString.CopyFromUtf8("fLaC and more of it"), FileType = "flac", Prompt = "names", Temperature = 0.5f, Translate = translate };
        if (!translate)
            (work.Language, work.Words) = ("de", true);
        var form = MediaRequestWriter.Form(work, "theirs", verbose: true);
        Assert.Null(translate ? TranscriptionRequestReader.TryReadTranslation(form, out var read) : TranscriptionRequestReader.TryReadTranscription(form, out read));
        Assert.Equal(("theirs", TranscriptFormat.VerboseJson), (read!.Model, read.Format));
        Assert.Equal(work, read.Work);
    }

    [Fact]
    public void Form_Pictures_AreNamedAfterTheirBytes()
    {
        var work = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "png", Images = { ByteString.CopyFrom(Pictures.Webp("VP8X", 64, 48)) } };
        var part = MediaRequestWriter.Form(work, "m", asksBase64: true).Parts[^1];
        Assert.Equal(("image", "image.webp", "image/webp"), (part.Name, part.FileName, part.MediaType));
    }

    [Theory]
    [InlineData("nothing that is known", "mp4", "audio.mp4")]
    [InlineData("nothing that is known", "", "audio")]
    [InlineData("OggS, whatever its name", "wav", "audio.ogg")]
    public void Form_Sound_IsNamedAfterItsBytesFirst(string bytes, string type, string name) =>
        Assert.Equal(name, MediaRequestWriter.Form(new TranscriptionRequest { File = ByteString.CopyFromUtf8(bytes), FileType = type }, "m", verbose: true).Parts[^1].FileName);
}
