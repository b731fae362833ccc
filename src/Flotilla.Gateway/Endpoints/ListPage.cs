namespace Flotilla.Gateway.Endpoints;

/// <summary>A page of a list, as OpenAI writes it.</summary>
/// <param name="Data">The rows.</param>
/// <param name="FirstId">The first row's id.</param>
/// <param name="LastId">The last row's id, which is the next page's <c>after</c>.</param>
/// <param name="HasMore">Whether there is a next page.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object { get; } = "list";

    /// <summary>Makes a page of rows, of which there is one more than the page holds where another page follows.</summary>
    public static ListPage<T> Of<TRow>(IReadOnlyList<TRow> rows, int limit, Func<TRow, string> id, Func<TRow, T> view)
    {
        TRow[] page = [.. rows.Take(limit)];
        return new([.. page.Select(view)], page.Length > 0 ? id(page[0]) : null, page.Length > 0 ? id(page[^1]) : null, rows.Count > limit);
    }
}
