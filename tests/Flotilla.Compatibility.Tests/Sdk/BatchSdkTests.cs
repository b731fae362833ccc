using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Files;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

#pragma warning disable OPENAI001 // The package calls its batch client experimental.

/// <summary>Files and batches through the official OpenAI package for .NET, unmodified.</summary>
public sealed class BatchSdkTests(UpFleet fleet)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_goes_up_and_comes_back()
    {
        OpenAIFileClient files = new(new ApiKeyCredential(fleet.ApiKey), Options());
        var file = (await files.UploadFileAsync(BinaryData.FromString("hello\n"), "note.txt", FileUploadPurpose.UserData)).Value;

        Assert.Equal(("note.txt", 6), (file.Filename, file.SizeInBytes));
        Assert.Equal(file.Id, (await files.GetFileAsync(file.Id, Token)).Value.Id);
        Assert.Contains((await files.GetFilesAsync(Token)).Value, f => f.Id == file.Id);
        Assert.Equal("hello\n", (await files.DownloadFileAsync(file.Id, Token)).Value.ToString());
        Assert.True((await files.DeleteFileAsync(file.Id, Token)).Value.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(file.Id, Token))).Status);
    }

    [Fact]
    public async Task A_batch_is_created_waited_for_and_read()
    {
        OpenAIFileClient files = new(new ApiKeyCredential(fleet.ApiKey), Options());
        BatchClient batches = new(new ApiKeyCredential(fleet.ApiKey), Options());
        var lines = string.Concat(Enumerable.Range(1, 3).Select(i =>
            $$$"""{"custom_id":"c{{{i}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{fleet.Model}}}","max_tokens":4,"messages":[{"role":"user","content":"Add {{{i}}} and 3."}]}}""" + "\n"));
        var input = (await files.UploadFileAsync(BinaryData.FromString(lines), "in.jsonl", FileUploadPurpose.Batch)).Value;

        var operation = await batches.CreateBatchAsync(
            BinaryContent.Create(BinaryData.FromString($$"""{"input_file_id":"{{input.Id}}","endpoint":"/v1/chat/completions","completion_window":"24h"}""")), waitUntilCompleted: false);
        await operation.WaitForCompletionAsync(Token);
        using var batch = JsonDocument.Parse((await operation.GetBatchAsync(new RequestOptions { CancellationToken = Token })).GetRawResponse().Content);

        Assert.Equal("completed", batch.RootElement.GetProperty("status").GetString());
        var output = (await files.DownloadFileAsync(batch.RootElement.GetProperty("output_file_id").GetString(), Token)).Value.ToString();
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"custom_id\":\"c2\"", output, StringComparison.Ordinal);
    }

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(fleet.BaseUrl) };
}
