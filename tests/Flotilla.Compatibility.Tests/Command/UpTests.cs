using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Command;

/// <summary><c>flotilla up</c> from its start to its end, as a user sees it.</summary>
public sealed class UpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Started_again_it_answers_with_the_same_keys()
    {
        var first = await CredentialsOfARunAsync();
        var second = await CredentialsOfARunAsync();
        Assert.Equal(first.GetProperty("api_key").GetString(), second.GetProperty("api_key").GetString());
        Assert.Equal(first.GetProperty("admin_key").GetString(), second.GetProperty("admin_key").GetString());
    }

    [Fact]
    public async Task A_revoked_key_is_replaced_at_the_next_start()
    {
        var first = await CredentialsOfARunAsync(async credentials =>
        {
            using var admin = Client(credentials, "admin_key");
            var keys = await admin.GetFromJsonAsync<JsonElement>("/admin/v1/keys", Token);
            var client = keys.GetProperty("data").EnumerateArray().Single(key => key.GetProperty("kind").GetString() == "client");
            using var revoked = await admin.DeleteAsync($"/admin/v1/keys/{client.GetProperty("id").GetString()}", Token);
            Assert.True(revoked.IsSuccessStatusCode);
        });
        var second = await CredentialsOfARunAsync(async credentials =>
        {
            using var client = Client(credentials, "api_key");
            using var models = await client.GetAsync("/v1/models", Token);
            Assert.True(models.IsSuccessStatusCode);
        });
        Assert.NotEqual(first.GetProperty("api_key").GetString(), second.GetProperty("api_key").GetString());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_credentials_are_their_owners_alone()
    {
        var mode = UnixFileMode.None;
        await CredentialsOfARunAsync(_ => Task.FromResult(mode = File.GetUnixFileMode(Path.Combine(_folder.Path, "credentials.json"))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public async Task The_credentials_are_there_only_while_it_can_answer()
    {
        var file = Path.Combine(_folder.Path, "credentials.json");
        await CredentialsOfARunAsync(_ =>
        {
            Assert.True(File.Exists(file));
            return Task.CompletedTask;
        });
        Assert.False(File.Exists(file), "a stopped gateway has left its credentials.json");
    }

    [Fact]
    public async Task SIGTERM_lets_a_running_stream_finish_and_then_ends_with_0()
    {
        await using var up = FlotillaProcess.Start(["up", "--port", "0", "--data", _folder.Path]);
        await up.WaitForAsync("Try it", Token);
        using var client = Client(await ReadAsync(), "api_key");
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "flotilla-demo",
                messages = new[] { new { role = "user", content = "What is Flotilla?" } },
                stream = true, max_tokens = 300, ignore_eos = true, temperature = 0,
            }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(Token));
        Assert.StartsWith("data: ", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        await up.SignalAsync("TERM", Token);
        var rest = await reader.ReadToEndAsync(Token);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", rest, StringComparison.Ordinal);
        Assert.Equal(0, await up.WaitAsync(Token));
    }

    [Fact]
    public async Task A_data_folder_in_use_is_refused_by_name()
    {
        await using var up = FlotillaProcess.Start(["up", "--port", "0", "--data", _folder.Path]);
        await up.WaitForAsync("Try it", Token);
        var (code, _, error) = await FlotillaProcess.RunAsync(["up", "--port", "0", "--data", _folder.Path], Token);
        Assert.Equal(1, code);
        Assert.Contains(_folder.Path, error, StringComparison.Ordinal);
        Assert.Contains("--data", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "credentials.json")), "the running gateway's file was taken away");
    }

    [Fact]
    public async Task A_port_in_use_is_refused_with_what_to_do()
    {
        using TcpListener taken = new(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, _, error) = await FlotillaProcess.RunAsync(["up", "--port", port, "--data", _folder.Path], Token);
        Assert.Equal(1, code);
        Assert.Contains("--port", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused_without_a_stack()
    {
        var file = Path.Combine(_folder.Path, "photo.gguf");
        await File.WriteAllBytesAsync(file, [0xff, 0xd8, 0xff, 0xe0, .. new byte[64]], Token);
        var (code, _, error) = await FlotillaProcess.RunAsync(["up", "--port", "0", "--data", _folder.Path, "--model", file], Token);
        Assert.Equal(1, code);
        Assert.Contains("GGUF", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static HttpClient Client(JsonElement credentials, string key)
    {
        HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(credentials.GetProperty("base_url").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.GetProperty(key).GetString());
        return client;
    }

    private async Task<JsonElement> CredentialsOfARunAsync(Func<JsonElement, Task>? use = null)
    {
        await using var up = FlotillaProcess.Start(["up", "--port", "0", "--data", _folder.Path]);
        await up.WaitForAsync("Try it", Token);
        var credentials = await ReadAsync();
        Assert.Contains(credentials.GetProperty("base_url").GetString()!, up.Output, StringComparison.Ordinal);
        Assert.Contains(credentials.GetProperty("api_key").GetString()!, up.Output, StringComparison.Ordinal);
        if (use is not null)
            await use(credentials);
        await up.SignalAsync("TERM", Token);
        Assert.Equal(0, await up.WaitAsync(Token));
        return credentials;
    }

    private async Task<JsonElement> ReadAsync() => JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "credentials.json"), Token));
}
