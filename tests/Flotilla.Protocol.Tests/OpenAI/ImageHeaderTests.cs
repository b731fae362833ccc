using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ImageHeaderTests
{
    public static TheoryData<byte[], string, int, int> Whole => new()
    {
        { Pictures.Png(640, 480), "image/png", 640, 480 },
        { Pictures.Jpeg(640, 480), "image/jpeg", 640, 480 },
        { Pictures.Gif(640, 480), "image/gif", 640, 480 },
        { Pictures.Webp("VP8 ", 640, 480), "image/webp", 640, 480 },
        { Pictures.Webp("VP8L", 640, 480), "image/webp", 640, 480 },
        { Pictures.Webp("VP8X", 640, 480), "image/webp", 640, 480 },
    };

    public static TheoryData<byte[]> NoPictures => new()
    {
        Array.Empty<byte>(),
        "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray(),
        "<html>not found</html>"u8.ToArray(),
        "%PDF-1.7"u8.ToArray(),
        Pictures.Png(0, 480),
        Pictures.Png(640, -1),
        Pictures.Jpeg(640, 0),
        Pictures.Webp("VP8Q", 640, 480),
        (byte[])[0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xC0],
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void Read_APicture_TellsItsTypeAndSides(byte[] file, string type, int width, int height)
    {
        Assert.Equal(new ImageHeader(type, width, height), ImageHeader.Read(file));
        Assert.Null(ImageHeader.Fault(file, out var header));
        Assert.Equal($"data:{type};base64,{Convert.ToBase64String(file)}", header.DataUrl(file));
    }

    [Theory]
    [MemberData(nameof(NoPictures))]
    public void Read_WhatIsNoPicture_IsNull(byte[] file)
    {
        Assert.Null(ImageHeader.Read(file));
        Assert.Contains("is no PNG", ImageHeader.Fault(file, out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8_000, true)]
    [InlineData(8_001, false)]
    [InlineData(int.MaxValue, false)]
    public void Fault_OfTooManyPixels_SaysHowManyThereMayBe(int width, bool isRead)
    {
        var fault = ImageHeader.Fault(Pictures.Png(width, 8_000), out _);
        Assert.Equal(isRead, fault is null);
        if (!isRead)
            Assert.Contains($"{width} x 8000 pixels; at most {OpenAiLimits.ImagePixelsMax}", fault, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Read_APictureThatBreaksOffOrIsSpoilt_AnswersAndNeverThrows(byte[] file, string type, int width, int height)
    {
        var random = new Random(width + height);
        for (var length = 0; length < file.Length; length++)
            Assert.True(ImageHeader.Read(file.AsSpan(0, length)) is null or { Width: > 0 });
        for (var i = 0; i < 2_000; i++)
            Assert.True(ImageHeader.Read(Mutation.Of(file, random)) is not { } read || read.MediaType.StartsWith("image/", StringComparison.Ordinal), type);
    }
}
