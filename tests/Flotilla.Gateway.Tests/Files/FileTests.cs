using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Requests;

namespace Flotilla.Gateway.Tests.Files;

public sealed class FileTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_uploaded_shown_listed_read_and_deleted()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await UploadAsync(gateway, Form("hello\n", "in.jsonl", "batch"));
        var file = await GatewayFixture.JsonAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("file", 6, "in.jsonl", "batch", "processed"), (file.GetProperty("object").GetString(), file.GetProperty("bytes").GetInt32(),
            file.GetProperty("filename").GetString(), file.GetProperty("purpose").GetString(), file.GetProperty("status").GetString()));
        Assert.Equal(30 * 86_400, file.GetProperty("expires_at").GetInt64() - file.GetProperty("created_at").GetInt64());
        var id = file.GetProperty("id").GetString()!;
        using var one = await gateway.GetAsync($"/v1/files/{id}");
        Assert.Equal(file.GetRawText(), (await GatewayFixture.JsonAsync(one)).GetRawText());
        using var content = await gateway.GetAsync($"/v1/files/{id}/content");
        Assert.Equal("hello\n", await content.Content.ReadAsStringAsync(Cancellation));
        using var list = await gateway.GetAsync("/v1/files?purpose=batch");
        Assert.Equal(id, (await GatewayFixture.JsonAsync(list)).GetProperty("data")[0].GetProperty("id").GetString());
        using var others = await gateway.GetAsync("/v1/files?purpose=vision");
        Assert.Empty((await GatewayFixture.JsonAsync(others)).GetProperty("data").EnumerateArray());
        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{id}", null, gateway.ApiKey);
        Assert.True((await GatewayFixture.JsonAsync(deleted)).GetProperty("deleted").GetBoolean());
        using var gone = await gateway.GetAsync($"/v1/files/{id}/content");
        Assert.Equal(404, (await GatewayFixture.ErrorAsync(gone)).Status);
    }

    [Fact]
    public async Task Files_stay_over_a_restart_and_another_namespace_sees_none()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var response = await UploadAsync(gateway, Form("kept", "a.txt", "user_data"));
        var id = (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;

        await gateway.RestartAsync();

        using var content = await gateway.GetAsync($"/v1/files/{id}/content");
        Assert.Equal("kept", await content.Content.ReadAsStringAsync(Cancellation));
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/content"), (HttpMethod.Delete, "") })
        {
            using var foreign = await gateway.SendAsync(method, $"/v1/files/{id}{path}", null, stranger);
            Assert.Equal(404, (int)foreign.StatusCode);
        }
    }

    [Fact]
    public async Task Pages_go_both_ways()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await UploadAsync(gateway, Form("x", $"{i}.txt", "user_data"));
            ids.Add((await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!);
        }

        ids.Sort(StringComparer.Ordinal);
        Assert.Equal([ids[0], ids[1]], await PageAsync(gateway, "order=asc&limit=2"));
        Assert.Equal([ids[2]], await PageAsync(gateway, $"order=asc&limit=2&after={ids[1]}"));
        Assert.Equal([ids[2], ids[1], ids[0]], await PageAsync(gateway, ""));
    }

    [Fact]
    public async Task A_name_is_no_path()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var response = await UploadAsync(gateway, Form("x", "../../etc/passwd", "user_data"));
        var file = await GatewayFixture.JsonAsync(response);
        using var content = await gateway.GetAsync($"/v1/files/{file.GetProperty("id").GetString()}/content");
        Assert.Equal("x", await content.Content.ReadAsStringAsync(Cancellation));
    }

    public static TheoryData<string, string?> BadForms => new()
    {
        { "no file", "file" },
        { "no purpose", "purpose" },
        { "bad purpose", "purpose" },
        { "two files", "file" },
        { "a field twice", null },
        { "long field", null },
        { "many parts", null },
        { "expiry too short", "expires_after[seconds]" },
        { "expiry too long", "expires_after[seconds]" },
        { "expiry no number", "expires_after[seconds]" },
        { "anchor unknown", "expires_after[anchor]" },
        { "anchor missing", "expires_after[anchor]" },
        { "seconds missing", "expires_after[seconds]" },
        { "json", null },
        { "torn", null },
        { "long boundary", null },
        { "long header", null },
        { "many headers", null },
        { "no boundary in it", null },
    };

    [Theory]
    [MemberData(nameof(BadForms))]
    public async Task A_bad_upload_is_400_and_leaves_nothing(string which, string? param)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await UploadAsync(gateway, BadForm(which));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.True(error.Status == 400, $"{which}: {error}");
        Assert.Equal(param, error.Param);
        Assert.Empty(await PageAsync(gateway, ""));
    }

    [Fact]
    public async Task A_file_beyond_what_the_namespace_may_keep_is_413_and_leaves_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { StoredBytesMax = 10 });
        using var first = await UploadAsync(gateway, Form("12345678", "a", "user_data"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var second = await UploadAsync(gateway, Form("12345678", "b", "user_data"));

        Assert.Equal(413, (await GatewayFixture.ErrorAsync(second)).Status);
        Assert.Single(await PageAsync(gateway, ""));
    }

    [Fact]
    public async Task What_uploads_beside_it_have_used_up_is_not_used_twice()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { StoredBytesMax = 10 });
        // Its bytes are in, and what it may keep was read; its last part is not.
        using var slow = new SlowForm("12345678");
        var second = UploadAsync(gateway, slow);
        await slow.Sent.WaitAsync(Cancellation);
        while (!Directory.EnumerateFiles(Path.Combine(gateway.Folder, "files")).Any())
            await Task.Yield();
        using var first = await UploadAsync(gateway, Form("12345678", "a", "user_data"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        slow.GoOn();
        using var refused = await second;

        Assert.Equal(413, (await GatewayFixture.ErrorAsync(refused)).Status);
        Assert.Single(await PageAsync(gateway, ""));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(gateway.Folder, "files")));
    }

    [Fact]
    public async Task Files_without_bytes_are_counted_too()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-files-").FullName;
        await using (var state = StateStore.Open(folder))
        {
            var table = new FileTable(state, new GatewayOptions { DataFolder = folder });
            await state.WriteAsync(db => db.Execute("INSERT INTO stored VALUES ('ns', 'file', @most - 1, 0)", new { most = StateLimits.FilesPerNamespaceMax }));
            Assert.True(await table.TryAddAsync(Row("file-1")));
            Assert.False(await table.TryAddAsync(Row("file-2")));
        }

        Directory.Delete(folder, recursive: true);

        static FileRow Row(string id) => new() { Id = id, NamespaceId = "ns", Filename = "a", Purpose = "user_data", Bytes = 0, CreatedMs = 0 };
    }

    private static MultipartFormDataContent Form(string content, string name, string purpose)
    {
        var form = new MultipartFormDataContent();
        form.Add(new StringContent(purpose), "purpose");
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", name);
        return form;
    }

    private static HttpContent BadForm(string which)
    {
        var good = Form("x", "a.txt", which == "bad purpose" ? "fun" : "user_data");
        switch (which)
        {
            case "no file":
                return new MultipartFormDataContent { { new StringContent("batch"), "purpose" } };
            case "no purpose":
                return new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "a" } };
            case "two files":
                good.Add(new ByteArrayContent([1]), "file", "b");
                break;
            case "a field twice":
                good.Add(new StringContent("batch"), "purpose");
                break;
            case "long field":
                good.Add(new StringContent(new string('x', StateLimits.FieldCharsMax + 1)), "note");
                break;
            case "many parts":
                for (var i = 0; i < StateLimits.PartsMax; i++)
                    good.Add(new StringContent("x"), $"f{i}");
                break;
            case "json":
                return new StringContent("{}", Encoding.UTF8, "application/json");
            case "torn":
                return Raw("b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhal");
            case "long boundary":
                return Raw(new string('b', GatewayLimits.FormBoundaryCharsMax + 1), "");
            case "long header":
                return Raw("b", $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{new string('n', StateLimits.PartHeaderBytesMax)}\"\r\n\r\nx\r\n--b--\r\n");
            case "many headers":
                return Raw("b", $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n{string.Concat(Enumerable.Range(0, StateLimits.PartHeadersMax).Select(i => $"x-{i}: 1\r\n"))}\r\nx\r\n--b--\r\n");
            case "no boundary in it":
                return Raw("b", new string('x', 1024 * 1024));
            default:
                Expiry(good, which);
                break;
        }

        return good;
    }

    private static void Expiry(MultipartFormDataContent form, string which)
    {
        if (which.StartsWith("anchor", StringComparison.Ordinal) || which.StartsWith("expiry", StringComparison.Ordinal))
            form.Add(new StringContent(which switch { "expiry too short" => "3599", "expiry too long" => "2592001", "expiry no number" => "1e4", _ => "3600" }), "expires_after[seconds]");
        if (which.StartsWith("expiry", StringComparison.Ordinal) || which is "seconds missing" or "anchor unknown")
            form.Add(new StringContent(which == "anchor unknown" ? "updated_at" : "created_at"), "expires_after[anchor]");
    }

    private static ByteArrayContent Raw(string boundary, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={boundary}");
        return content;
    }

    private static async Task<HttpResponseMessage> UploadAsync(GatewayFixture gateway, HttpContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        return await gateway.Http.SendAsync(request, Cancellation);
    }

    private static async Task<string[]> PageAsync(GatewayFixture gateway, string query)
    {
        using var list = await gateway.GetAsync("/v1/files?" + query);
        return [.. (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Select(f => f.GetProperty("id").GetString()!)];
    }
}
