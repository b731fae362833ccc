using Flotilla.Core;
using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Responses;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Inputs;
using Flotilla.Protocol.OpenAI.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>How many tokens a prompt has, as Anthropic and OpenAI have it: free, so that nothing is held, charged or kept in the books.</summary>
/// <remarks>Only a node knows its model's template and vocabulary: it is asked as for a job, and answers with the count that the request itself would have.</remarks>
internal sealed class TokenCounts(DrainGate gate, Authenticate authenticate, ResponseKeeper responses, Place place, Dispatch dispatch, GatewayOptions options, IIdSource ids)
{
    private delegate ApiError? Reader(ReadOnlyMemory<byte> body, out TextInference? request);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/messages/count_tokens", http => RunAsync(http, MessagesRequestReader.TryReadCount, "{\"input_tokens\":"));
        routes.MapPost("/v1/responses/input_tokens", http => RunAsync(http, ResponsesRequestReader.TryRead, "{\"object\":\"response.input_tokens\",\"input_tokens\":"));
    }

    private async Task RunAsync(HttpContext http, Reader read, string answer)
    {
        if (!gate.TryEnter(RequestFeature.Of(http).Call is not null))
        {
            await ErrorResponse.WriteAsync(http, InferencePipeline.Draining());
            return;
        }

        try
        {
            if ((await CountAsync(http, read)).Failed(out var error, out var count))
                await ErrorResponse.WriteAsync(http, error);
            else
                await WriteAsync(http, answer, count.Tokens);
        }
        finally
        {
            gate.Leave();
        }
    }

    private async Task<Result<Count>> CountAsync(HttpContext http, Reader read)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = Read.Compressed(http)) is not null
            || (error = read(await Read.BodyAsync(http), out var asked)) is not null
            || responses.Recall(asked!, caller).Failed(out error, out var recalled))
            return error;
        if ((await place.RequestAsync(http, caller, CountInference.Of((TextInference)recalled))).Failed(out error, out var placed))
            return error;
        var turn = Turn.Of(http);
        if (turn?.Take(placed.Request.Kind.Shape(placed.Request.Message).InputUnitsMax) is { } tooMany)
            return tooMany;
        var delivery = new Delivery();
        await dispatch.DeliverAsync(JobId.New(ids), placed.Model, placed.Request, new CountReceiver(), delivery, options.JobTimeout, http.RequestAborted);
        if (delivery is not { End: DeliveryEnd.Completed, Work: { } work })
            return delivery.Error;
        turn?.Used(work.Statement.PromptTokens);
        return new Count(work.Statement.PromptTokens);
    }

    private static async Task WriteAsync(HttpContext http, string answer, long tokens)
    {
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{answer}{tokens}}}"), http.RequestAborted);
    }

    private sealed record Count(long Tokens);
}
