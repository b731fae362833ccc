using System.Net;
using Flotilla.Gateway.Outbound;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Images that a request names by their URLs: real sockets to somebody else's server.</summary>
public sealed class FetchTests
{
    private const string Loopback = "127.0.0.1";
    private static readonly byte[] Picture = Pictures.Jpeg(64, 48);
    private static readonly string Fetched = $"data:image/jpeg;base64,{Convert.ToBase64String(Picture)}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"scripted","messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"URL"}}]}]}""")]
    [InlineData("/v1/responses", """{"model":"scripted","input":[{"role":"user","content":[{"type":"input_image","image_url":"URL"}]}]}""")]
    [InlineData("/v1/messages", """{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"URL"}}]}]}""")]
    [InlineData("/v1/moderations", """{"model":"scripted","input":[{"type":"image_url","image_url":{"url":"URL"}}]}""")]
    [InlineData("/v1/images/description", """{"model":"scripted","image_url":"URL"}""")]
    public async Task A_node_gets_the_bytes_under_the_type_that_they_have(string path, string body)
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(Picture);
        await using var gateway = await StartAsync(o => o with { Models = new Dictionary<string, ModelNotes> { [GatewayFixture.Model] = new() { Guard = GuardPrompt.Template } } });
        var runtime = await SeeingAsync(gateway);
        runtime.Script = Scripts.Answer("safe");

        using var response = await gateway.PostAsync(path, body.Replace("URL", server.Url(), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([Fetched], Images(await runtime.NextRunAsync(Ct)));
        Assert.Equal(1, server.Asked);
    }

    [Theory]
    [InlineData("/v1/messages/count_tokens", """{"model":"scripted","messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"URL"}}]}]}""")]
    [InlineData("/v1/responses/input_tokens", """{"model":"scripted","input":[{"role":"user","content":[{"type":"input_image","image_url":"URL"}]}]}""")]
    public async Task A_prompt_is_counted_with_the_picture_that_it_names(string path, string body)
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(Picture);
        await using var gateway = await StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        runtime.State.Models[0].Capabilities.AddRange([Capability.Vision, Capability.CountTokens]);
        var answer = runtime.Script;
        var count = Scripts.Events(new Usage { PromptTokens = 42 }, new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        runtime.Script = run => run.Request.Work is CountRequest ? count(run) : answer(run);
        await gateway.AddNodeAsync(runtime);

        using var response = await gateway.PostAsync(path, body.Replace("URL", server.Url(), StringComparison.Ordinal));

        Assert.Equal(42, (await GatewayFixture.JsonAsync(response)).GetProperty("input_tokens").GetInt32());
        var chat = ((CountRequest)(await runtime.NextRunAsync(Ct)).Request.Work).Chat;
        Assert.Equal(Fetched, Assert.Single(chat.Messages[0].Parts).Image.Url);
    }

    [Fact]
    public async Task A_gateway_fetches_nothing_unless_its_operator_names_hosts()
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync(o => o with { Outbound = o.Outbound with { MediaHosts = [] } });
        await SeeingAsync(gateway);

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(server.Url()));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "unsupported_parameter", "messages[0].content[0].image_url.url"), (error.Status, error.Code, error.Param));
        Assert.Contains("media_hosts", error.Message, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
        Assert.Equal(0, server.Asked);
    }

    [Theory]
    [InlineData("http://localhost:PORT/a.png", "'localhost', which is not among those that this gateway fetches images from (setting media_hosts)")]
    [InlineData("http://u:p@127.0.0.1:PORT/a.png", "a user name")]
    [InlineData("http://2130706433:PORT/a.png", "means '127.0.0.1'")]
    [InlineData("http://0177.0.0.1:PORT/a.png", "means '127.0.0.1'")]
    [InlineData("http://127.0.0.1:PORT\\\\@x.example/a.png", "does not belong in a URL")]
    [InlineData("http://[::ffff:169.254.169.254]/a.png", "not a public address")]
    [InlineData("http://10.0.0.1/a.png", "not a public address")]
    public async Task A_URL_that_leads_elsewhere_is_refused_before_anybody_is_asked(string url, string why)
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync();
        await SeeingAsync(gateway);

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(url.Replace("PORT", new Uri(server.Url()).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "invalid_image_url", "messages[0].content[0].image_url.url"), (error.Status, error.Code, error.Param));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Asked);
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_is_not_followed()
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync(o => o with { Outbound = o.Outbound with { MediaHosts = ["localhost"], PrivateRanges = [] } });
        await SeeingAsync(gateway);

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(server.Url().Replace(Loopback, "localhost", StringComparison.Ordinal)));

        Assert.Contains("address is not one that this gateway may call", (await GatewayFixture.ErrorAsync(response)).Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Asked);
    }

    [Theory]
    [InlineData("404", "the status 404")]
    [InlineData("302", "redirects are not followed")]
    [InlineData("page", "is no PNG, JPEG, GIF or WebP")]
    [InlineData("pixels", "at most 64000000 are possible")]
    [InlineData("large", "it is too large")]
    [InlineData("endless", "it is too large")]
    [InlineData("cut", "could not be fetched")]
    [InlineData("gone", "could not be reached")]
    public async Task What_is_no_picture_is_a_400_that_says_why_and_costs_nothing(string what, string why)
    {
        await using var server = await PictureServer.StartAsync();
        server.Serve = http => MisbehaveAsync(http, what);
        await using var gateway = await StartAsync();
        await SeeingAsync(gateway);
        var url = server.Url();
        if (what == "gone")
            await server.DisposeAsync();

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(url));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "invalid_image_url", "messages[0].content[0].image_url.url"), (error.Status, error.Code, error.Param));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_waited_for_ten_seconds()
    {
        var time = new ManualTimeProvider();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await PictureServer.StartAsync();
        server.Serve = async http =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        };
        await using var gateway = await StartAsync(time: time);
        await SeeingAsync(gateway);

        var asking = gateway.PostAsync("/v1/chat/completions", Chat(server.Url()));
        await asked.Task.WaitAsync(Ct);
        time.Advance(OutboundLimits.CallTime);
        using var response = await asking;

        Assert.Contains("did not come within 10 s", (await GatewayFixture.ErrorAsync(response)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_are_fetched_side_by_side_and_only_so_many()
    {
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await PictureServer.StartAsync();
        server.Serve = async http =>
        {
            // Nobody is answered before as many are here as may be.
            if (server.Now >= GatewayLimits.FetchesAtOnceMax)
                full.TrySetResult();
            await full.Task.WaitAsync(http.RequestAborted);
            await http.Response.Body.WriteAsync(Picture);
        };
        await using var gateway = await StartAsync();
        var runtime = await SeeingAsync(gateway);

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat([.. Enumerable.Range(0, 3 * GatewayLimits.FetchesAtOnceMax).Select(i => server.Url($"{i}.jpg"))]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3 * GatewayLimits.FetchesAtOnceMax, Images(await runtime.NextRunAsync(Ct)).Count(url => url == Fetched));
        Assert.Equal(GatewayLimits.FetchesAtOnceMax, server.AtOnce);
    }

    [Fact]
    public async Task One_URL_is_fetched_once_for_all_its_places_and_all_tries()
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(Picture);
        await using var gateway = await StartAsync();
        var first = await SeeingAsync(gateway);
        first.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "broke", Retryable: true));
        var second = await SeeingAsync(gateway);
        second.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "broke", Retryable: true));

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(server.Url(), server.Url()));

        Assert.Equal([Fetched, Fetched], Images(await first.NextRunAsync(Ct)));
        Assert.Equal([Fetched, Fetched], Images(await second.NextRunAsync(Ct)));
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task Several_models_share_what_was_fetched()
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(Picture);
        await using var gateway = await StartAsync();
        var runtimes = new[] { await SeeingAsync(gateway, "a"), await SeeingAsync(gateway, "b") };

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(server.Url()).Replace("\"scripted\"", "\"a+b\"", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        foreach (var runtime in runtimes)
            Assert.Equal([Fetched], Images(await runtime.NextRunAsync(Ct)));
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task A_response_goes_on_with_the_picture_and_does_not_fetch_it_again()
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(Picture);
        await using var gateway = await StartAsync();
        var runtime = await SeeingAsync(gateway);
        using var first = await gateway.PostAsync("/v1/responses", $$"""{"model":"scripted","input":[{"role":"user","content":[{"type":"input_image","image_url":"{{server.Url()}}"}]}]}""");
        var id = (await GatewayFixture.JsonAsync(first)).GetProperty("id").GetString();
        await runtime.NextRunAsync(Ct);

        using var second = await gateway.PostAsync("/v1/responses", $$"""{"model":"scripted","previous_response_id":"{{id}}","input":"And now?"}""");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal([Fetched], Images(await runtime.NextRunAsync(Ct)));
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task A_model_that_does_not_see_is_refused_before_anything_is_fetched()
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.PostAsync("/v1/chat/completions", Chat(server.Url()));

        Assert.Equal("unsupported_parameter", (await GatewayFixture.ErrorAsync(response)).Code);
        Assert.Equal(0, server.Asked);
    }

    [Fact]
    public void Faulty_hosts_are_named()
    {
        var options = new GatewayOptions { DataFolder = "x", Outbound = new OutboundOptions { MediaHosts = ["pictures.example", "*.example", "https://pictures.example"] } };

        Assert.StartsWith("Outbound.MediaHosts has 'https://pictures.example'", Assert.Single(GatewayOptionsValidator.Faults(options)), StringComparison.Ordinal);
    }

    private static Task<GatewayFixture> StartAsync(Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null)
    {
        var outbound = new OutboundOptions { AllowHttp = true, MediaHosts = [Loopback], PrivateRanges = ["127.0.0.0/8"] };
        return GatewayFixture.StartAsync(configure: o => (configure ?? (same => same))(o with { Outbound = outbound }), time: time);
    }

    private static async Task<ScriptedRuntime> SeeingAsync(GatewayFixture gateway, string model = GatewayFixture.Model)
    {
        var runtime = new ScriptedRuntime(model);
        runtime.State.Models[0].Capabilities.Add(Capability.Vision);
        await gateway.AddNodeAsync(runtime);
        return runtime;
    }

    private static string Chat(params string[] urls) =>
        $$"""{"model":"scripted","max_tokens":4,"messages":[{"role":"user","content":[{{string.Join(',', urls.Select(u => $$$"""{"type":"image_url","image_url":{"url":"{{{u}}}"}}"""))}}]}]}""";

    private static List<string> Images(ScriptedRun run) => [.. run.Text.Chat.Messages.SelectMany(m => m.Parts).Where(p => p.Image is not null).Select(p => p.Image.Url)];

    private static async Task MisbehaveAsync(HttpContext http, string what)
    {
        var piece = new byte[64 * 1024];
        switch (what)
        {
            case "404":
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case "302":
                http.Response.Redirect("/b.png");
                break;
            case "page":
                await http.Response.WriteAsync("<html>Please log in</html>");
                break;
            case "pixels":
                await http.Response.Body.WriteAsync(Pictures.Png(50_000, 50_000));
                break;
            case "large":
                http.Response.ContentLength = GatewayLimits.BodyBytesMax;
                await http.Response.Body.FlushAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
                break;
            case "endless":
                while (!http.RequestAborted.IsCancellationRequested)
                    await http.Response.Body.WriteAsync(piece, http.RequestAborted);
                break;
            case "cut":
                http.Response.ContentLength = piece.Length;
                await http.Response.Body.WriteAsync(Picture);
                await http.Response.Body.FlushAsync();
                http.Abort();
                break;
        }
    }
}
