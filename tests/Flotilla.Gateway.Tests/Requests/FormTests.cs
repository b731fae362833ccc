using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Forms that are made to cost more than they are worth: refused while they arrive, before a job is made, and the gateway goes on.</summary>
public sealed class FormTests
{
    private const string Path = "/v1/audio/transcriptions";
    private const string FileHead = "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Bombs => new()
    {
        { "as many parts as there may be", 200 },
        { "a part too many", 400 },
        { "a header too many", 400 },
        { "headers too long", 400 },
        { "a long boundary", 400 },
        { "no boundary", 400 },
        { "a boundary that never comes", 400 },
        { "torn in a header", 400 },
        { "torn in a part", 400 },
        { "a part without a name", 400 },
        { "an empty file", 400 },
        { "a file that is a value", 400 },
        { "a value that is a file", 400 },
        { "a field twice", 400 },
        { "no UTF-8", 400 },
        { "json", 400 },
        { "too large", 413 },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task A_form_is_served_or_refused_and_leaves_nothing(string which, int status)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything(GatewayFixture.Model));

        using var response = await PostAsync(gateway, Content(which));

        Assert.True(status == (int)response.StatusCode, $"{which}: {response.StatusCode}: {await response.Content.ReadAsStringAsync(Cancellation)}");
        Assert.Equal(status == 200, response.Headers.Contains("x-flotilla-job-id"));
        using var after = await PostAsync(gateway, Form("b", Good("")));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayFixture gateway, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        // What is refused by its length is not sent at all then, and the answer can be read.
        request.Headers.ExpectContinue = content.Headers.ContentLength > OpenAiLimits.FormBytesMax;
        return await gateway.Http.SendAsync(request, Cancellation);
    }

    private static ByteArrayContent Content(string which) => which switch
    {
        "as many parts as there may be" => Form("b", Good(Fields(OpenAiLimits.FormPartsMax - 2))),
        "a part too many" => Form("b", Good(Fields(OpenAiLimits.FormPartsMax - 1))),
        "a header too many" => Form("b", Good($"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n{string.Concat(Enumerable.Range(0, StateLimits.PartHeadersMax).Select(i => $"x-{i}: 1\r\n"))}\r\n1\r\n")),
        "headers too long" => Form("b", Good($"--b\r\nContent-Disposition: form-data; name=\"{new string('n', StateLimits.PartHeaderBytesMax)}\"\r\n\r\n1\r\n")),
        "a long boundary" => Form(new string('b', GatewayLimits.FormBoundaryCharsMax + 1), ""),
        "no boundary" => Raw("multipart/form-data", Good("")),
        "a boundary that never comes" => Form("b", new string('x', 1024 * 1024)),
        "torn in a header" => Form("b", "--b\r\nContent-Disposition: form-da"),
        "torn in a part" => Form("b", $"--b\r\n{FileHead}\r\nhal"),
        "a part without a name" => Form("b", Good("--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n")),
        "an empty file" => Form("b", $"--b\r\n{FileHead}\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{GatewayFixture.Model}\r\n--b--\r\n"),
        "a file that is a value" => Form("b", Good("").Replace("; filename=\"a.wav\"", "", StringComparison.Ordinal)),
        "a value that is a file" => Form("b", Good("--b\r\nContent-Disposition: form-data; name=\"language\"; filename=\"x\"\r\n\r\nen\r\n")),
        "a field twice" => Form("b", Good("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nother\r\n")),
        "no UTF-8" => Raw("multipart/form-data; boundary=b", Good("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n\u00FF\r\n"), Encoding.Latin1),
        "json" => Raw("application/json", "{}"),
        _ => Form("b", Good(new string('x', OpenAiLimits.FormBytesMax))),
    };

    private static string Good(string more) =>
        $"{more}--b\r\n{FileHead}\r\nsound\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{GatewayFixture.Model}\r\n--b--\r\n";

    private static string Fields(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"--b\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\n1\r\n"));

    private static ByteArrayContent Form(string boundary, string body) => Raw($"multipart/form-data; boundary={boundary}", body);

    private static ByteArrayContent Raw(string type, string body, Encoding? encoding = null)
    {
        var content = new ByteArrayContent((encoding ?? Encoding.UTF8).GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }
}
