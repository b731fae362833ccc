using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Core;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>What a key may know of its own namespace: credits, itself, usage, jobs. Never anything of another.</summary>
internal sealed class AccountViewRoutes(Authenticate authenticate, LedgerStore ledger, KeyLimitBook limits, TimeProvider time)
{
    private const int PageDefault = 20;
    private static readonly string[] DateForms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:sszzz", "yyyy-MM-ddTHHZ"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/credits", For(CreditsAsync));
        routes.MapGet("/v1/key", For(KeyAsync));
        routes.MapGet("/v1/usage", For(UsageAsync));
        routes.MapGet("/v1/jobs", For(JobsAsync));
        routes.MapGet("/v1/generation", For(GenerationAsync));
    }

    private RequestDelegate For(Func<HttpContext, Caller, Task<ApiError?>> answer) => async http =>
    {
        var error = authenticate.IdentifyCaller(http).Failed(out var refused, out var caller) ? refused : await answer(http, caller);
        if (error is not null)
            await ErrorResponse.WriteAsync(http, error);
    };

    private Task<ApiError?> CreditsAsync(HttpContext http, Caller caller)
    {
        var balance = ledger.Money.BalanceOf(caller.Namespace);
        var funded = ledger.Money.FundedTo(caller.Namespace);
        var view = new CreditsView(Decimal(funded), Decimal(funded - balance.Posted), Decimal(balance.Held), Decimal(balance.Available));
        return WriteAsync(http, new DataView<CreditsView>(view), AccountJson.Default.DataViewCreditsView);
    }

    private async Task<ApiError?> KeyAsync(HttpContext http, Caller caller)
    {
        var key = ledger.Keys.List(caller.Namespace).Single(k => k.Id == caller.Key);
        var days = await ledger.Usage.SumAsync(new UsageQuery { Namespace = caller.Namespace, Key = caller.Key, GroupBy = UsageGrouping.Day }, http.RequestAborted);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        var holding = limits.HoldingFor(key.Id);
        var view = new KeyView(
            key.Id.Value, key.Name, Since(days, DateOnly.MinValue), Since(days, today), Since(days, monday), Since(days, new DateOnly(today.Year, today.Month, 1)),
            null, Decimal(ledger.Money.BalanceOf(caller.Namespace).Available), false,
            new KeyRateView(holding.RequestsPerMinute, "1m", holding.TokensPerMinute, holding.Concurrency));
        return await WriteAsync(http, new DataView<KeyView>(view), AccountJson.Default.DataViewKeyView);
    }

    private async Task<ApiError?> UsageAsync(HttpContext http, Caller caller)
    {
        var query = http.Request.Query;
        var grouping = UsageGrouping.None;
        foreach (var word in query["group_by"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            UsageGrouping? one = word switch { "day" => UsageGrouping.Day, "key" => UsageGrouping.Key, "model" => UsageGrouping.Model, _ => null };
            if (one is null)
                return new ApiError(ApiErrorCode.InvalidValue, "group_by can have day, key and model, with commas between.", "group_by");
            grouping |= one.Value;
        }

        if (Moment(http, "from", out var from) is { } notFrom)
            return notFrom;
        if (Moment(http, "to", out var to) is { } notTo)
            return notTo;
        var rows = await ledger.Usage.SumAsync(new UsageQuery { Namespace = caller.Namespace, From = from, To = to, GroupBy = grouping }, http.RequestAborted);
        var data = rows.Where(r => r.Jobs > 0).Select(r => new UsageView(
            r.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), r.Key?.Value, r.Model, r.Jobs, r.PromptTokens, r.CachedTokens, r.CompletionTokens, Decimal(r.Charge)));
        return await WriteAsync(http, new ListPage<UsageView>([.. data], null, null, false), AccountJson.Default.ListPageUsageView);
    }

    private async Task<ApiError?> JobsAsync(HttpContext http, Caller caller)
    {
        var limit = PageDefault;
        if (http.Request.Query["limit"] is [{ } text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > LedgerLimits.JobRowsMax))
            return new ApiError(ApiErrorCode.InvalidValue, $"limit must be a whole number from 1 to {LedgerLimits.JobRowsMax}.", "limit");
        var after = http.Request.Query["after"] is [{ Length: > 0 } id] ? new JobId(id) : (JobId?)null;
        // One more than asked tells whether there is a next page; of a full page the next request finds out.
        var page = await ledger.Jobs.ListAsync(caller.Namespace, after, Math.Min(limit + 1, LedgerLimits.JobRowsMax), http.RequestAborted);
        if (page is null)
            return new ApiError(ApiErrorCode.NotFound, "There is no job of the id 'after' in your namespace.", "after");
        var jobs = page.Take(limit).Select(JobView.Of).ToArray();
        var more = page.Count > limit || (limit == LedgerLimits.JobRowsMax && page.Count == limit);
        return await WriteAsync(http, new ListPage<JobView>(jobs, jobs.FirstOrDefault()?.Id, jobs.LastOrDefault()?.Id, more), AccountJson.Default.ListPageJobView);
    }

    private async Task<ApiError?> GenerationAsync(HttpContext http, Caller caller)
    {
        if (http.Request.Query["id"] is not [{ Length: > 0 and <= LedgerLimits.IdCharsMax } id])
            return new ApiError(ApiErrorCode.MissingField, "id is missing: GET /v1/generation?id=…, with a job's id or the id of its hold or settlement.", "id");
        var job = id.StartsWith(TransferId.Prefix, StringComparison.Ordinal)
            ? await ledger.Jobs.FindByTransferAsync(new TransferId(id), caller.Namespace, http.RequestAborted)
            : await ledger.Jobs.FindAsync(new JobId(id), caller.Namespace, http.RequestAborted);
        if (job is null)
            return new ApiError(ApiErrorCode.NotFound, "There is no job of that id in your namespace; the response header x-flotilla-job-id names a request's job.", "id");
        var took = job.Finished is { } end ? (long)(end - job.Created).TotalMilliseconds : (long?)null;
        var view = new GenerationView(
            job.Job.Value, job.Request.Value, job.Model, job.Node?.Value, job.Created, job.Status == JobStatus.Cancelled, took,
            job.PromptTokens, job.CompletionTokens, job.CachedTokens, Decimal(job.Charge), Decimal(job.Charge), job.Finish);
        return await WriteAsync(http, new DataView<GenerationView>(view), AccountJson.Default.DataViewGenerationView);
    }

    private static ApiError? Moment(HttpContext http, string name, out DateTimeOffset? moment)
    {
        moment = null;
        if (http.Request.Query[name] is not [{ Length: > 0 } text])
            return null;
        if (!DateTimeOffset.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var read))
            return new ApiError(ApiErrorCode.InvalidValue, $"{name} must be a day or a moment in ISO 8601, such as 2026-01-31 or 2026-01-31T08:00:00Z; usage is kept by the hour.", name);
        moment = read;
        return null;
    }

    private static decimal Since(IReadOnlyList<UsageRow> days, DateOnly first) => days.Where(d => d.Day >= first).Sum(d => Decimal(d.Charge));

    private static decimal Decimal(Credits credits) => credits.Micro / (decimal)Credits.MicroPerCredit;

    private static async Task<ApiError?> WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, value, type, http.RequestAborted);
        return null;
    }
}
