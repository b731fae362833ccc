using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.Files;

/// <summary>A disk that refuses: an error that says so, nothing half-made, and everybody else is served.</summary>
public sealed class DiskFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_the_disk_refuses_is_a_500_and_leaves_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var folder = FilesOf(gateway.Folder);
        // Nobody can make a file in a file, root neither.
        Directory.Delete(folder);
        await File.WriteAllTextAsync(folder, "", Cancellation);

        using var upload = await UploadAsync(gateway);
        using var batch = await gateway.PostAsync("/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{GatewayFixture.Chat()}}}]}""");

        Assert.Equal((500, "server_error"), await KindAsync(upload));
        Assert.Equal((500, "server_error"), await KindAsync(batch));
        Assert.Empty(await ListAsync(gateway, "/v1/files"));
        Assert.Empty(await ListAsync(gateway, "/v1/batches"));
        using var chat = await gateway.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);

        File.Delete(folder);
        Directory.CreateDirectory(folder);
        using var again = await UploadAsync(gateway);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_body_whose_row_cannot_be_written_does_not_stay_on_the_disk()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.RestartAsync(folder => Change(folder, """
            CREATE TRIGGER full_file BEFORE INSERT ON file BEGIN SELECT RAISE(FAIL, 'the disk is full'); END;
            CREATE TRIGGER full_request BEFORE INSERT ON request BEGIN SELECT RAISE(FAIL, 'the disk is full'); END;
            """));

        using var upload = await UploadAsync(gateway);
        using var batch = await gateway.PostAsync("/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{GatewayFixture.Chat()}}}]}""");
        using var deferred = await gateway.ChatWithHeaderAsync("Prefer", "respond-async", $"\"prompt_note\":\"{new string('n', StateLimits.RowBodyBytesMax)}\"");

        Assert.Equal((500, "server_error"), await KindAsync(upload));
        Assert.Equal((500, "server_error"), await KindAsync(batch));
        Assert.Equal((500, "server_error"), await KindAsync(deferred));
        Assert.Empty(Directory.EnumerateFiles(FilesOf(gateway.Folder)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(gateway.Folder, "bodies")));
        Assert.Empty(await ListAsync(gateway, "/v1/files"));

        await gateway.RestartAsync(folder => Change(folder, "DROP TRIGGER full_file; DROP TRIGGER full_request"));
        using var again = await UploadAsync(gateway);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static void Change(string folder, string sql)
    {
        using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
        state.Open();
        state.Execute(sql);
    }

    private static async Task<(int Status, string Type)> KindAsync(HttpResponseMessage response)
    {
        var error = await GatewayFixture.ErrorAsync(response);
        return (error.Status, error.Type);
    }

    private static async Task<string[]> ListAsync(GatewayFixture gateway, string path)
    {
        using var list = await gateway.GetAsync(path);
        return [.. (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
    }

    private static string FilesOf(string folder) => Path.Combine(folder, "files");

    private static async Task<HttpResponseMessage> UploadAsync(GatewayFixture gateway)
    {
        using var form = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes("hello")), "file", "a.txt" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        return await gateway.Http.SendAsync(request, Cancellation);
    }
}
