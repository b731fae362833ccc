using System.Net;
using System.Net.Http.Headers;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary><c>POST /v1/images/description</c> through real sockets: a chat about a picture, priced and settled as one.</summary>
public sealed class DescriptionTests
{
    private const string Path = "/v1/images/description";
    private static readonly byte[] Picture = Pictures.Png(32, 16);
    private static readonly string Encoded = Convert.ToBase64String(Picture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_picture_is_described_charged_and_receipted_as_a_chat_is()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = await SeeingAsync(gateway);

        using var response = await gateway.PostAsync(Path, $$"""{"model":"scripted","image":"{{Encoded}}","prompt":"What is it?","n":2}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await GatewayFixture.JsonAsync(response);
        Assert.True(body.GetProperty("created").GetInt64() > 0);
        Assert.Equal(GatewayFixture.Model, body.GetProperty("model").GetString());
        Assert.Equal(["A boat.", "A boat."], body.GetProperty("data").EnumerateArray().Select(d => d.GetProperty("description").GetString()));
        Assert.Equal((7, 4), (body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), body.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        var message = Assert.Single((await runtime.NextRunAsync(Ct)).Text.Chat.Messages);
        Assert.Equal(($"data:image/png;base64,{Encoded}", "What is it?"), (message.Parts[0].Image.Url, message.Parts[1].Text));
        var id = response.Headers.GetValues("x-flotilla-job-id").Single();
        var job = await gateway.WhenSettledAsync(id);
        Assert.Equal(("completed", "ImageDescriptions", "0.00023"), (job.GetProperty("status").GetString(), job.GetProperty("endpoint").GetString(), job.GetProperty("credits_charged").GetString()));
        using var receipt = await gateway.GetAsync($"/v1/receipts/{id}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
    }

    [Fact]
    public async Task A_form_with_a_file_is_the_same_and_its_type_is_that_of_its_bytes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = await SeeingAsync(gateway);
        using var file = new ByteArrayContent(Picture);
        file.Headers.ContentType = new MediaTypeHeaderValue("text/html");
        using var form = new MultipartFormDataContent { { new StringContent(GatewayFixture.Model), "model" }, { file, "image", "../x.html" } };

        using var response = await PostAsync(gateway, form);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("A boat.", (await GatewayFixture.JsonAsync(response)).GetProperty("data")[0].GetProperty("description").GetString());
        var message = Assert.Single((await runtime.NextRunAsync(Ct)).Text.Chat.Messages);
        Assert.Equal(($"data:image/png;base64,{Encoded}", "Describe this image."), (message.Parts[0].Image.Url, message.Parts[1].Text));
    }

    [Fact]
    public async Task A_form_may_hold_more_than_a_JSON_body()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = await SeeingAsync(gateway);
        var large = new byte[GatewayLimits.BodyBytesMax + 1];
        Picture.CopyTo(large, 0);

        using var form = new MultipartFormDataContent { { new StringContent(GatewayFixture.Model), "model" }, { new ByteArrayContent(large), "image", "a.png" } };
        using var response = await PostAsync(gateway, form);
        using var json = new StringContent($$"""{"model":"scripted","image":"{{Convert.ToBase64String(large)}}"}""", null, "application/json");
        using var tooLarge = await PostAsync(gateway, json);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(large, Convert.FromBase64String((await runtime.NextRunAsync(Ct)).Text.Chat.Messages[0].Parts[0].Image.Url.Split(',')[1]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }

    [Fact]
    public async Task A_model_that_does_not_see_is_a_400_and_one_that_nobody_knows_a_404()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        await gateway.AddNodeAsync(ScriptedRuntime.OfInputs("inputs"));

        foreach (var (model, status, code) in new[] { (GatewayFixture.Model, 400, "unsupported_parameter"), ("inputs", 400, "model_not_for_endpoint"), ("nobody", 404, "model_not_found") })
        {
            using var response = await gateway.PostAsync(Path, $$"""{"model":"{{model}}","b64_json":"{{Encoded}}"}""");
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((status, code), (error.Status, error.Code));
            Assert.False(response.Headers.Contains("x-flotilla-job-id"));
        }
    }

    [Fact]
    public async Task A_description_may_be_answered_later()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await SeeingAsync(gateway);
        using var form = new MultipartFormDataContent { { new StringContent(GatewayFixture.Model), "model" }, { new ByteArrayContent(Picture), "image", "a.png" } };

        using var accepted = await PostAsync(gateway, form, prefer: "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("request_id").GetString();
        using var waited = await gateway.GetAsync($"/v1/requests/{id}?wait=30");
        using var result = await gateway.GetAsync($"/v1/requests/{id}/result");

        Assert.Equal("A boat.", (await GatewayFixture.JsonAsync(result)).GetProperty("data")[0].GetProperty("description").GetString());
    }

    [Fact]
    public async Task Moderation_of_text_and_image_is_one_verdict_by_a_guard_that_sees()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Models = new Dictionary<string, ModelNotes> { [GatewayFixture.Model] = new() { Guard = GuardPrompt.Template } } });
        var runtime = await SeeingAsync(gateway);
        runtime.Script = Scripts.Answer("unsafe\nS10");

        using var response = await gateway.PostAsync(
            "/v1/moderations", $$$"""{"model":"scripted","input":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Encoded}}}"}}]}""");

        var result = Assert.Single((await GatewayFixture.JsonAsync(response)).GetProperty("results").EnumerateArray());
        Assert.True(result.GetProperty("categories").GetProperty("hate").GetBoolean());
        Assert.Equal(["text", "image"], result.GetProperty("category_applied_input_types").GetProperty("hate").EnumerateArray().Select(t => t.GetString()));
        var parts = Assert.Single((await runtime.NextRunAsync(Ct)).Text.Chat.Messages).Parts;
        Assert.Equal(($"data:image/png;base64,{Encoded}", "Look:"), (parts[0].Image.Url, parts[1].Text));
    }

    [Fact]
    public async Task Moderation_of_an_image_by_a_model_that_reads_alone_is_refused_by_name()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(ScriptedRuntime.OfInputs("inputs"));

        using var response = await gateway.PostAsync("/v1/moderations", $$$"""{"model":"inputs","input":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Encoded}}}"}}]}""");

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "unsupported_parameter", "input[0].image_url.url"), (error.Status, error.Code, error.Param));
    }

    private static async Task<ScriptedRuntime> SeeingAsync(GatewayFixture gateway)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model) { Script = Scripts.Answer("A ", "boat.") };
        runtime.State.Models[0].Capabilities.Add(Capability.Vision);
        await gateway.AddNodeAsync(runtime);
        return runtime;
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayFixture gateway, HttpContent body, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        // A body that is too large is refused before it is sent.
        request.Headers.ExpectContinue = true;
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        return await gateway.Http.SendAsync(request, Ct);
    }
}
