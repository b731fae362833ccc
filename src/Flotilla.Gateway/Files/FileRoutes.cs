using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Flotilla.Gateway.Files;

/// <summary><c>/v1/files</c>, as OpenAI has it. A namespace sees its own alone.</summary>
internal sealed class FileRoutes(Authenticate authenticate, FileTable files, AnswerBook answers, IIdSource ids, TimeProvider time)
{
    /// <summary>Where files are uploaded.</summary>
    public const string Path = "/v1/files";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, UploadAsync);
        routes.MapGet(Path, ListAsync);
        routes.MapGet(Path + "/{id}", http => WithOneAsync(http, row => JsonAnswer.WriteAsync(http, FileView.Of(row), FileJson.Default.FileView)));
        routes.MapGet(Path + "/{id}/content", http => WithOneAsync(http, row => ContentAsync(http, row)));
        routes.MapDelete(Path + "/{id}", http => WithOneAsync(http, row => DeleteAsync(http, row)));
    }

    private async Task UploadAsync(HttpContext http)
    {
        var key = http.Request.Headers.TryGetValue(IdempotencyKey.Header, out var given) ? given.ToString() : null;
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = key is null ? null : IdempotencyKey.Fault(key)) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = StateLimits.UploadBytesMax;
        var upload = new FileUpload(files, ids.Next(FileTable.Prefix), caller.Namespace, time.GetUtcNow());
        if ((await upload.ReadAsync(http)).Failed(out error, out var row))
            await ErrorResponse.WriteAsync(http, error);
        else if (key is not null)
            await AddOnceAsync(http, caller.Namespace, key, row, ClientCall.Fingerprint(http, upload.Digest));
        else if (await files.TryAddAsync(row))
            await JsonAnswer.WriteAsync(http, FileView.Of(row), FileJson.Default.FileView);
        else
            await ErrorResponse.WriteAsync(http, FileUpload.QuotaUsed());
    }

    /// <summary>Names the file and keeps the answer under the key, both or neither; a repeat gets what the first was answered, and its bytes are dropped.</summary>
    private async Task AddOnceAsync(HttpContext http, NamespaceId owner, string key, FileRow row, byte[] fingerprint)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(FileView.Of(row), FileJson.Default.FileView);
        var answer = new KeptAnswer(fingerprint, JobId.New(ids), RequestFeature.Of(http).Id, StatusCodes.Status200OK, KeptAnswer.Text([KeyValuePair.Create("Content-Type", "application/json")]), body);
        var (known, isNew) = answers.Count(owner) >= StateLimits.IdempotencyKeysMax && answers.Find(owner, key) is null
            ? (null, false)
            : await answers.KeepWithAsync(owner, key, answer, database => files.TryInsert(database, row));
        if (isNew)
        {
            await JsonAnswer.WriteAsync(http, FileView.Of(row), FileJson.Default.FileView);
            return;
        }

        files.Blobs.Delete(row.Id);
        if (known is null)
            await ErrorResponse.WriteAsync(http, answers.Count(owner) >= StateLimits.IdempotencyKeysMax ? IdempotencyKey.TooMany() : FileUpload.QuotaUsed());
        else if (known.Status is not { } status || !known.Fingerprint.AsSpan().SequenceEqual(fingerprint))
            await ErrorResponse.WriteAsync(http, IdempotencyKey.Conflict(key));
        else
        {
            var execution = new Execution(fingerprint);
            execution.Replay(status, known);
            await execution.CopyToAsync(http, repeat: true, time);
        }
    }

    private Task ListAsync(HttpContext http)
    {
        var page = new PageQuery(http, StateLimits.FilesPageMax, StateLimits.FilesPageMax);
        var (isNewestFirst, purpose) = (page.IsNewestFirst(), page.Fields.Text("purpose"));
        return page.AnswerAsync(
            authenticate, (owner, after, limit) => files.List(owner, purpose, after, isNewestFirst, limit), row => row.Id, FileView.Of, FileJson.Default.ListPageFileView);
    }

    private async Task WithOneAsync(HttpContext http, Func<FileRow, Task> answer)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
            await ErrorResponse.WriteAsync(http, error);
        else if (files.Find(caller.Namespace, (string)http.Request.RouteValues["id"]!) is { } row)
            await answer(row);
        else
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.NotFound, "There is no file of this id in your namespace; GET /v1/files lists them.", "id"));
    }

    private async Task ContentAsync(HttpContext http, FileRow row)
    {
        await using var content = files.Blobs.Open(row.Id);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = content.Length;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(row.Filename);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        // The bytes are a client's: no browser shall take them for a page of ours.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        await content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private async Task DeleteAsync(HttpContext http, FileRow row)
    {
        if (!await files.TryDeleteAsync(row.Id))
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.FileInUse, "A batch that is not over reads this file. Wait for its end, or cancel it (POST /v1/batches/{id}/cancel).", "id"));
        else
            await JsonAnswer.WriteAsync(http, new DeletedView(row.Id, "file"), FileJson.Default.DeletedView);
    }
}
