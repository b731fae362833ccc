using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Core;
using Flotilla.Gateway.Endpoints;
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
internal sealed class FileRoutes(Authenticate authenticate, FileTable files, IIdSource ids, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/files", UploadAsync);
        routes.MapGet("/v1/files", ListAsync);
        routes.MapGet("/v1/files/{id}", http => WithOneAsync(http, row => WriteAsync(http, FileView.Of(row), FileJson.Default.FileView)));
        routes.MapGet("/v1/files/{id}/content", http => WithOneAsync(http, row => ContentAsync(http, row)));
        routes.MapDelete("/v1/files/{id}", http => WithOneAsync(http, row => DeleteAsync(http, row)));
    }

    private async Task UploadAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = StateLimits.UploadBytesMax;
        var upload = new FileUpload(files, ids.Next(FileTable.Prefix), caller.Namespace, time.GetUtcNow());
        if ((await upload.ReadAsync(http)).Failed(out error, out var row))
            await ErrorResponse.WriteAsync(http, error);
        else
            await WriteAsync(http, FileView.Of(row), FileJson.Default.FileView);
    }

    private async Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http);
        var limit = query.Integer("limit", 1, StateLimits.FilesPageMax, StateLimits.FilesPageMax);
        var order = query.Word("order", "desc", "asc");
        var (after, purpose) = (query.Text("after"), query.Text("purpose"));
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = query.Error) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var rows = files.List(caller.Namespace, purpose, after, newestFirst: order == "desc", limit + 1);
        await WriteAsync(http, ListPage<FileView>.Of(rows, limit, row => row.Id, FileView.Of), FileJson.Default.ListPageFileView);
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
            await WriteAsync(http, new DeletedView(row.Id, "file"), FileJson.Default.DeletedView);
    }

    private static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, value, type, http.RequestAborted);
    }
}
