using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>For load balancers and supervisors: <c>/healthz</c> says that the process lives, <c>/readyz</c> that a request could be served.</summary>
internal sealed class HealthRoutes(NodeDirectory nodes, DrainGate gate, LedgerStore ledger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", http => AnswerAsync(http, null));
        routes.MapGet("/readyz", http => AnswerAsync(http, NotReady()));
    }

    private string? NotReady()
    {
        if (ledger.Fault is not null)
            return "the ledger has stopped; restart the gateway";
        if (gate.IsDraining)
            return "draining";
        return nodes.Snapshot.Models.Length > 0 ? null : "no node serves a model now";
    }

    private static Task AnswerAsync(HttpContext http, string? problem)
    {
        http.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(problem ?? "ok", http.RequestAborted);
    }
}
