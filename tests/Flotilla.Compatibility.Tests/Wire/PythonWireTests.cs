using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Wire;

/// <summary>
/// What openai-python sends and how it reads, in raw HTTP, because the package cannot be installed where this is tested:
/// its headers, its compact JSON, its reading of lines that begin with <c>data: </c>, and the two samples of its README.
/// </summary>
public sealed partial class PythonWireTests(UpFleet fleet)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_whole_sample_reads_choices_0_message_content()
    {
        using var response = await SendAsync(Body(stream: false), stream: false);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.NotEqual("", answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task The_stream_sample_reads_choices_0_delta_of_every_chunk()
    {
        using var response = await SendAsync(Body(stream: true), stream: true);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        StringBuilder printed = new();
        foreach (var chunk in await ReadStreamAsync(response))
        {
            // print(chunk.choices[0].delta.content or "", end=""): an empty choices array would be an IndexError.
            var delta = chunk.GetProperty("choices")[0].GetProperty("delta");
            printed.Append(delta.TryGetProperty("content", out var content) ? content.GetString() : "");
        }
        using var whole = await SendAsync(Body(stream: false), stream: false);
        using var answer = JsonDocument.Parse(await whole.Content.ReadAsStringAsync(Token));
        Assert.Equal(answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), printed.ToString());
    }

    [Fact]
    public async Task Usage_comes_in_a_last_chunk_without_choices_and_only_when_asked_for()
    {
        using var unasked = await SendAsync(Body(stream: true), stream: true);
        Assert.All(await ReadStreamAsync(unasked), chunk => Assert.False(chunk.TryGetProperty("usage", out _)));

        using var asked = await SendAsync(Body(stream: true, ""","stream_options":{"include_usage":true}"""), stream: true);
        var chunks = await ReadStreamAsync(asked);
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt64() > 0);
        Assert.All(chunks[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
    }

    [Fact]
    public async Task A_stream_has_nothing_but_data_lines_and_blank_ones_and_ends_with_DONE()
    {
        using var response = await SendAsync(Body(stream: true), stream: true);
        var text = await response.Content.ReadAsStringAsync(Token);
        var lines = text.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length == 0 || line.StartsWith("data: ", StringComparison.Ordinal) || line.StartsWith(':'), $"'{line}' would be another event"));
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "invalid_api_key")]
    [InlineData(402, "insufficient_credits")]
    [InlineData(404, "model_not_found")]
    [InlineData(400, "invalid_value")]
    public async Task Errors_have_the_body_and_headers_that_its_exceptions_are_made_of(int status, string code)
    {
        var key = status switch { 401 => "sk-flt-wrong", 402 => fleet.EmptyKey, _ => fleet.ApiKey };
        var body = status switch
        {
            404 => """{"messages":[{"role":"user","content":"hi"}],"model":"no-such-model"}""",
            400 => $$"""{"messages":[{"role":"user","content":"hi"}],"model":"{{fleet.Model}}","temperature":9}""",
            _ => Body(stream: true),
        };
        using var response = await SendAsync(body, stream: false, key, expected: (HttpStatusCode)status);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("req_", Assert.Single(response.Headers.GetValues("x-request-id")), StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        var error = answer.RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        foreach (var name in (string[])["message", "type", "param", "code"])
            Assert.True(error.TryGetProperty(name, out _), $"{name} is missing");
        if (status == 402)
            Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
    }

    [Fact]
    public void The_README_has_the_samples_that_are_held_here()
    {
        var sample = Repository.ReadmeSample("python");
        Assert.Contains("from openai import OpenAI", sample, StringComparison.Ordinal);
        Assert.Contains("client = OpenAI(base_url=\"http://127.0.0.1:8080/v1\", api_key=\"sk-flt-…\")", sample, StringComparison.Ordinal);
        Assert.Contains("print(chunk.choices[0].delta.content or \"\", end=\"\")", sample, StringComparison.Ordinal);
        Assert.Equal(fleet.Model, ModelArgument().Match(sample).Groups[1].Value);
        Assert.Equal("What is Flotilla?", ContentArgument().Match(sample).Groups[1].Value);
    }

    private string Body(bool stream, string more = "") =>
        $$"""{"messages":[{"role":"user","content":"What is Flotilla?"}],"model":"{{fleet.Model}}","stream":{{(stream ? "true" : "false")}},"temperature":0{{more}}}""";

    private async Task<HttpResponseMessage> SendAsync(string body, bool stream, string? key = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = fleet.ClientWith(key ?? fleet.ApiKey);
        using HttpRequestMessage request = new(HttpMethod.Post, "chat/completions") { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate");
        request.Headers.TryAddWithoutValidation("User-Agent", "OpenAI/Python 2.8.1");
        foreach (var (name, value) in ((string, string)[])[("Lang", "python"), ("Package-Version", "2.8.1"), ("OS", "Linux"), ("Arch", "x64"), ("Runtime", "CPython"), ("Runtime-Version", "3.12.3"), ("Async", "false"), ("Retry-Count", "0"), ("Read-Timeout", "600")])
            request.Headers.TryAddWithoutValidation("X-Stainless-" + name, value);
        var response = await client.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, Token);
        if (stream)
            await response.Content.LoadIntoBufferAsync(Token);
        Assert.Equal(expected, response.StatusCode);
        return response;
    }

    private static async Task<List<JsonElement>> ReadStreamAsync(HttpResponseMessage response)
    {
        List<JsonElement> chunks = [];
        var done = false;
        foreach (var line in (await response.Content.ReadAsStringAsync(Token)).Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)))
        {
            Assert.False(done, "something follows [DONE]");
            var data = line["data:".Length..].TrimStart(' ');
            done = data.StartsWith("[DONE]", StringComparison.Ordinal);
            if (!done)
                chunks.Add(JsonElement.Parse(data));
        }
        Assert.True(done, "the stream does not end with [DONE]");
        return chunks;
    }

    [GeneratedRegex("model=\"([^\"]+)\"")]
    private static partial Regex ModelArgument();

    [GeneratedRegex("\"content\": \"([^\"]+)\"")]
    private static partial Regex ContentArgument();
}
