using Flotilla.Core;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>What became of a job, and its receipt; a namespace sees its own alone.</summary>
internal sealed class JobRoutes(Authenticate authenticate, LedgerStore ledger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/jobs/{id}", JobAsync);
        routes.MapGet("/v1/receipts/{id}", ReceiptAsync);
    }

    private async Task JobAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var id = (string)http.Request.RouteValues["id"]!;
        var job = await ledger.Jobs.FindAsync(new JobId(id), caller.Namespace, http.RequestAborted);
        if (job is null)
        {
            await ErrorResponse.WriteAsync(http, NotFound(id));
            return;
        }

        await JsonAnswer.WriteAsync(http, JobView.Of(job), JobJson.Default.JobView);
    }

    private async Task ReceiptAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var id = (string)http.Request.RouteValues["id"]!;
        var receipt = await ledger.Jobs.FindReceiptAsync(new JobId(id), caller.Namespace, http.RequestAborted);
        if (receipt is null)
        {
            await ErrorResponse.WriteAsync(http, NotFound(id));
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = receipt.Length;
        await http.Response.Body.WriteAsync(receipt, http.RequestAborted);
    }

    private static ApiError NotFound(string id) =>
        new(ApiErrorCode.NotFound, $"There is no finished job '{Shown(id)}' in your namespace; the response header x-flotilla-job-id names a request's job.");

    private static string Shown(string id) => id.Length <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? id : "?";
}
