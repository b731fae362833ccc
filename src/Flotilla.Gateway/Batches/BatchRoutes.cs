using Flotilla.Core;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Batches;

/// <summary><c>/v1/batches</c>, as OpenAI has it, and with the lines in the body. A namespace sees its own alone.</summary>
internal sealed class BatchRoutes(Authenticate authenticate, BatchTable table, BatchRunner runner, FileTable files, DrainGate gate, EndpointDataSource endpoints, IIdSource ids, TimeProvider time)
{
    private const string Prefix = "batch_";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/batches", CreateAsync);
        routes.MapGet("/v1/batches", ListAsync);
        routes.MapGet("/v1/batches/{id}", http => WithOneAsync(http, row => JsonAnswer.WriteAsync(http, BatchView.Of(row), BatchJson.Default.BatchView)));
        routes.MapPost("/v1/batches/{id}/cancel", http => WithOneAsync(http, row => CancelAsync(http, row)));
    }

    private async Task CreateAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = gate.IsDraining ? InferencePipeline.Draining() : null) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var id = Prefix + RequestFeature.Of(http).Id.Value[RequestId.Prefix.Length..];
        if (table.Find(caller.Namespace, id) is { } earlier)
        {
            // The same request, done over because its answer was lost.
            await JsonAnswer.WriteAsync(http, BatchView.Of(Live(earlier)), BatchJson.Default.BatchView);
            return;
        }

        var read = await Read.BodyAsync(http);
        error = BatchRequestReader.TryRead(read, out var request) ?? Refuse(caller, request!);
        if (error is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if ((request!.InputFileId ?? await StoreAsync(caller, request.Lines)) is not { } input)
        {
            await ErrorResponse.WriteAsync(http, NoRoom());
            return;
        }

        var row = Row(id, caller, request, input);
        if (!await table.TryAddAsync(row))
        {
            await ErrorResponse.WriteAsync(http, new ApiError(
                ApiErrorCode.RateLimited, $"Your namespace has {StateLimits.OpenBatchesPerNamespaceMax} batches that are not over, the most that it may have. Wait for one to end, or cancel one.",
                RetryAfterSeconds: GatewayLimits.RetryAfterSeconds));
            return;
        }

        runner.Add(row);
        await JsonAnswer.WriteAsync(http, BatchView.Of(row), BatchJson.Default.BatchView);
    }

    private ApiError? Refuse(Caller caller, BatchRequest request)
    {
        string[] served = [.. endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<InferenceRoute>() is not null).Select(e => e.RoutePattern.RawText!).Distinct().Order(StringComparer.Ordinal)];
        if (!served.Contains(request.Endpoint))
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for 'endpoint': expected one of {string.Join(", ", served)}.", "endpoint");
        if (request.InputFileId is not { } id)
            return request.Lines.Length <= files.BytesLeft(caller.Namespace) ? null : NoRoom();
        if (files.Find(caller.Namespace, id) is not { } file)
            return new ApiError(ApiErrorCode.InvalidValue, "There is no file of this id in your namespace; GET /v1/files lists them.", "input_file_id");
        return file.Purpose == "batch" ? null : new ApiError(ApiErrorCode.InvalidValue, $"The file's purpose is '{file.Purpose}'; a batch needs one that was uploaded with the purpose 'batch'.", "input_file_id");
    }

    /// <returns>The file's id; null where the namespace has no room for it.</returns>
    private async Task<string?> StoreAsync(Caller caller, byte[] lines)
    {
        var now = time.GetUtcNow();
        var row = new FileRow
        {
            Id = ids.Next(FileTable.Prefix), NamespaceId = caller.Namespace.Value, Filename = "requests.jsonl", Purpose = "batch", Bytes = lines.Length,
            CreatedMs = now.ToUnixTimeMilliseconds(), ExpiresMs = (now + StateLimits.BatchFilesKept).ToUnixTimeMilliseconds(),
        };
        await files.Blobs.WriteAsync(row.Id, lines);
        return await files.TryAddAsync(row) ? row.Id : null;
    }

    private BatchRow Row(string id, Caller caller, BatchRequest request, string input)
    {
        var now = time.GetUtcNow();
        return new BatchRow
        {
            Id = id,
            NamespaceId = caller.Namespace.Value,
            KeyId = caller.Key.Value,
            Endpoint = request.Endpoint,
            InputFileId = input,
            OutputFileId = ids.Next(FileTable.Prefix),
            ErrorFileId = ids.Next(FileTable.Prefix),
            OutputSeconds = request.OutputSeconds,
            Metadata = request.Metadata,
            CreatedMs = now.ToUnixTimeMilliseconds(),
            ExpiresMs = (now + GatewayLimits.BatchWindow).ToUnixTimeMilliseconds(),
        };
    }

    private Task ListAsync(HttpContext http) =>
        new PageQuery(http).AnswerAsync(authenticate, table.List, row => row.Id, row => BatchView.Of(Live(row)), BatchJson.Default.ListPageBatchView);

    private async Task WithOneAsync(HttpContext http, Func<BatchRow, Task> answer)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
            await ErrorResponse.WriteAsync(http, error);
        else if (table.Find(caller.Namespace, (string)http.Request.RouteValues["id"]!) is { } row)
            await answer(Live(row));
        else
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.NotFound, "There is no batch of this id in your namespace; GET /v1/batches lists them.", "id"));
    }

    private async Task CancelAsync(HttpContext http, BatchRow row)
    {
        if (row.Status < BatchStatus.Finalizing && runner.Find(row.Id) is { } run)
        {
            await run.CancelAsync();
            row = run.Row;
        }

        await JsonAnswer.WriteAsync(http, BatchView.Of(row), BatchJson.Default.BatchView);
    }

    /// <summary>How it stands now, where it runs: the table learns of it at its end.</summary>
    private BatchRow Live(BatchRow row) => row.Status < BatchStatus.Completed && runner.Find(row.Id) is { } run ? run.Row : row;

    private static ApiError NoRoom() =>
        new(ApiErrorCode.BodyTooLarge, "Your namespace has no room for this batch's lines. Delete files (DELETE /v1/files/{id}).", "requests");
}
