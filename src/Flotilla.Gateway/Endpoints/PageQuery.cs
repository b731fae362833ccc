using System.Text.Json.Serialization.Metadata;
using Flotilla.Core;
using Flotilla.Gateway.Stages;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Which page of a list a client asks for, as OpenAI has it: <c>limit</c>, <c>after</c>, and <c>order</c> where a list can be turned round.</summary>
internal sealed class PageQuery
{
    private readonly HttpContext _http;
    private readonly int _limit;
    private readonly string? _after;

    /// <param name="http">The request.</param>
    /// <param name="limitMax">Rows of a page at most.</param>
    /// <param name="limitDefault">Rows where nothing is said.</param>
    public PageQuery(HttpContext http, int limitMax = GatewayLimits.PageRowsMax, int limitDefault = GatewayLimits.PageRowsDefault)
    {
        (_http, Fields) = (http, new QueryFields(http));
        _limit = Fields.Integer("limit", 1, limitMax, limitDefault);
        _after = Fields.Text("after");
    }

    /// <summary>The query; whatever else a list knows is read before its page.</summary>
    public QueryFields Fields { get; }

    /// <summary>Whether the newest come first, as they do where nothing is said.</summary>
    public bool IsNewestFirst() => Fields.Word("order", "desc", "asc") == "desc";

    /// <summary>Answers with a page of what the caller's namespace has, or with why not.</summary>
    /// <param name="authenticate">Who asks.</param>
    /// <param name="rows">The namespace's rows behind an id, so many at most.</param>
    /// <param name="id">A row's id.</param>
    /// <param name="view">A row as it is shown.</param>
    /// <param name="type">The JSON of a page.</param>
    public async Task AnswerAsync<TRow, T>(
        Authenticate authenticate, Func<NamespaceId, string?, int, IReadOnlyList<TRow>> rows, Func<TRow, string> id, Func<TRow, T> view, JsonTypeInfo<ListPage<T>> type)
    {
        if (authenticate.IdentifyCaller(_http).Failed(out var error, out var caller) || (error = Fields.Error) is not null)
            await ErrorResponse.WriteAsync(_http, error);
        else
            await WriteAsync((after, limit) => rows(caller.Namespace, after, limit), id, view, type);
    }

    /// <summary>Answers with a page of what its route has found; there is no fault in the query.</summary>
    public Task WriteAsync<TRow, T>(Func<string?, int, IReadOnlyList<TRow>> rows, Func<TRow, string> id, Func<TRow, T> view, JsonTypeInfo<ListPage<T>> type) =>
        JsonAnswer.WriteAsync(_http, ListPage<T>.Of(rows(_after, _limit + 1), _limit, id, view), type);
}
