using System.Text;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>The fields of sound and pictures that are not about these: read, or refused by name.</summary>
public sealed class MediaFieldsTests
{
    private const string Speech = "\"model\":\"m\",\"input\":\"hi\",\"voice\":\"alloy\"";
    private const string Picture = "\"model\":\"m\",\"prompt\":\"a boat\"";

    [Fact]
    public void Speech_and_pictures_have_their_clients_wishes()
    {
        const string Wishes = ",\"provider\":{\"only\":[\"EU\"]},\"user\":\"u\",\"metadata\":{\"k\":\"v\"}";
        Assert.Null(SpeechRequestReader.TryRead(Body(Speech + Wishes + ",\"stream\":true"), out var speech));
        Assert.Null(ImageRequestReader.TryRead(Body(Picture + Wishes + ",\"seed\":-1"), out var image));

        foreach (var request in new InferenceRequest[] { speech!, image! })
        {
            Assert.Equal(["EU"], request.Provider.Only);
            Assert.Equal(("u", "v"), (request.User, request.Metadata["k"]));
        }

        Assert.Equal(ulong.MaxValue, image!.Seed);
    }

    [Theory]
    [InlineData("\"models\":[\"a\",\"b\"]", "models")]
    [InlineData("\"strategy\":\"race\"", "strategy")]
    [InlineData("\"service_tier\":\"flex\"", "service_tier")]
    [InlineData("\"extra_headers\":{}", "extra_headers")]
    [InlineData("\"provider\":{\"quantizations\":[\"fp8\"]}", "provider.quantizations")]
    public void What_is_not_served_is_named(string field, string param)
    {
        Assert.Equal((param, ApiErrorCode.UnsupportedField), Fault(SpeechRequestReader.TryRead(Body($"{Speech},{field}"), out _)));
        Assert.Equal((param, ApiErrorCode.UnsupportedField), Fault(ImageRequestReader.TryRead(Body($"{Picture},{field}"), out _)));
    }

    [Fact]
    public void A_form_says_its_truth_values_in_words_and_has_no_place_for_wishes()
    {
        Assert.Null(ImageRequestReader.TryReadVariation(Form("image", ("model", "m"), ("stream", "false"), ("seed", "7")), out var image));
        Assert.Equal(7ul, image!.Seed);
        Assert.Equal(("stream", ApiErrorCode.UnsupportedField), Fault(ImageRequestReader.TryReadVariation(Form("image", ("model", "m"), ("stream", "true")), out _)));
        Assert.Equal(("provider", ApiErrorCode.UnsupportedField), Fault(TranscriptionRequestReader.TryReadTranscription(Form("file", ("model", "m"), ("provider", "{}")), out _)));
    }

    private static (string?, ApiErrorCode) Fault(ApiError? error) => (error!.Param, error.Code);

    private static byte[] Body(string fields) => Encoding.UTF8.GetBytes($"{{{fields}}}");

    private static FormBody Form(string file, params (string Name, string Value)[] fields) =>
        new([new FormPart(file, "a", Pictures.Png(8, 8)), .. fields.Select(f => new FormPart(f.Name, null, Encoding.UTF8.GetBytes(f.Value)))]);
}
