using System.Globalization;
using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Admin;

/// <summary>Nodes, join tokens, models, prices, usage and the audit.</summary>
internal sealed class FleetRoutes(AdminHttp admin, LedgerStore ledger, NodeDirectory nodes, GatewayOptions options, TimeProvider time)
{
    private static readonly int TokenMinutesMax = (int)LedgerLimits.JoinTokenLifetimeMax.TotalMinutes;
    private const int BasisPointsPerPercent = 100;
    private const decimal PercentMax = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/admin/v1/nodes", admin.Guard(ListNodesAsync));
        routes.MapDelete("/admin/v1/nodes/{id}", admin.Guard(RevokeNodeAsync));
        routes.MapPost("/admin/v1/join-tokens", admin.Guard(CreateJoinTokenAsync));
        routes.MapGet("/admin/v1/models", admin.Guard(ListModelsAsync));
        routes.MapGet("/admin/v1/prices", admin.Guard(ListPricesAsync));
        routes.MapPut("/admin/v1/prices", admin.Guard(SetPriceAsync));
        routes.MapGet("/admin/v1/usage", admin.Guard(UsageAsync));
        routes.MapGet("/admin/v1/audit", admin.Guard(AuditAsync));
    }

    private Task<ApiError?> ListNodesAsync(HttpContext http)
    {
        var online = nodes.Summaries().ToDictionary(s => s.Id);
        var rows = ledger.Nodes.List().Select(record => Row(record, online.GetValueOrDefault(record.Id)));
        return AdminHttp.WriteAsync(http, new AdminList<AdminNode>([.. rows]), AdminJson.Default.AdminListAdminNode);
    }

    private AdminNode Row(NodeRecord record, NodeSummary? online)
    {
        var status = record.IsRevoked ? "revoked" : online is null ? "offline" : "online";
        var models = online?.Models.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => new AdminNodeModel(m.Name, m.Admitted, m.Reason)).ToList() ?? [];
        return new AdminNode(
            record.Id.Value, record.Operator.Value, status, online?.Name ?? string.Empty, online?.Region ?? string.Empty, models,
            online?.Running ?? 0, online?.Slots ?? 0, ledger.Money.EarnedBy(record.Operator).ToString());
    }

    private async Task<ApiError?> RevokeNodeAsync(HttpContext http)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        if (!await ledger.Nodes.RevokeAsync(new NodeId(id)))
            return new ApiError(ApiErrorCode.NotFound, $"There is no node '{id}' that could be revoked; 'flotilla nodes list' shows them.");
        nodes.Revoke(new NodeId(id));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private async Task<ApiError?> CreateJoinTokenAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.JoinTokenBody);
        if (error is not null)
            return error;
        if (body!.Minutes < 1 || body.Minutes > TokenMinutesMax)
            return new ApiError(ApiErrorCode.InvalidRequest, $"minutes is {body.Minutes}; it must lie between 1 and {TokenMinutesMax}.", "minutes");
        var owner = body.Operator is null
            ? ledger.Keys.Accounts.OrderBy(a => a.Created).FirstOrDefault()
            : ledger.Keys.Accounts.FirstOrDefault(a => a.Id.Value == body.Operator || a.Name == body.Operator);
        if (owner is null)
            return new ApiError(ApiErrorCode.NotFound, $"There is no account '{body.Operator}'.", "operator");
        var lifetime = TimeSpan.FromMinutes(body.Minutes);
        var token = await ledger.Nodes.CreateJoinTokenAsync(owner.Id, lifetime);
        return await AdminHttp.WriteAsync(
            http, new AdminJoinToken(token, owner.Id.Value, time.GetUtcNow() + lifetime), AdminJson.Default.AdminJoinToken, StatusCodes.Status201Created);
    }

    private Task<ApiError?> ListModelsAsync(HttpContext http)
    {
        var fleet = nodes.Snapshot;
        var prices = ledger.Prices.Current;
        var names = fleet.Models.Concat(prices.All.Keys).Where(n => n != PriceTable.AnyModel).Distinct().Order(StringComparer.Ordinal);
        var rows = names.Select(name => new AdminModel(
            name,
            [.. options.Aliases.Where(a => a.Value == name).Select(a => a.Key).Order(StringComparer.Ordinal)],
            fleet.Offers(name).Count,
            fleet.Offers(name).Select(o => o.ContextTokens).DefaultIfEmpty().Max(),
            Row(name, prices.For(name))));
        return AdminHttp.WriteAsync(http, new AdminList<AdminModel>([.. rows]), AdminJson.Default.AdminListAdminModel);
    }

    private Task<ApiError?> ListPricesAsync(HttpContext http)
    {
        var rows = ledger.Prices.Current.All.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Row(p.Key, p.Value));
        return AdminHttp.WriteAsync(http, new AdminList<AdminPrice>([.. rows]), AdminJson.Default.AdminListAdminPrice);
    }

    private async Task<ApiError?> SetPriceAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.AdminPrice);
        if (error is not null)
            return error;
        if (!Credits.TryParse(body!.Input, out var input) || !Credits.TryParse(body.CachedInput, out var cached) || !Credits.TryParse(body.Output, out var output)
            || new[] { input, cached, output }.Any(p => p < Credits.Zero || p > GatewayLimits.PriceMax))
            return new ApiError(ApiErrorCode.InvalidRequest, $"input, cached_input and output are credits for a million tokens: decimal, 0 to {GatewayLimits.PriceMax}, at most six decimals.");
        if (!decimal.TryParse(body.NodeSharePercent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) || share > PercentMax
            || share * BasisPointsPerPercent != decimal.Truncate(share * BasisPointsPerPercent))
            return new ApiError(ApiErrorCode.InvalidRequest, $"node_share_percent is '{body.NodeSharePercent}'; it must lie between 0 and 100, with at most two decimals.", "node_share_percent");
        if (string.IsNullOrWhiteSpace(body.Model) || body.Model.Length > LinkLimits.NameCharsMax || body.Model.Any(char.IsControl))
            return new ApiError(ApiErrorCode.InvalidRequest, $"model must have 1 to {LinkLimits.NameCharsMax} characters, or be '{PriceTable.AnyModel}' for all others.", "model");
        var price = new Price
        {
            InputPerMillion = input, CachedInputPerMillion = cached, OutputPerMillion = output, NodeShareBasisPoints = (int)(share * BasisPointsPerPercent),
        };
        await ledger.Prices.SetAsync(body.Model, price, http.RequestAborted);
        return await AdminHttp.WriteAsync(http, new AdminList<AdminPrice>([Row(body.Model, price)]), AdminJson.Default.AdminListAdminPrice);
    }

    private static AdminPrice Row(string model, Price price) => new(
        model, price.InputPerMillion.ToString(), price.CachedInputPerMillion.ToString(), price.OutputPerMillion.ToString(),
        (price.NodeShareBasisPoints / (decimal)BasisPointsPerPercent).ToString("0.##", CultureInfo.InvariantCulture));

    private async Task<ApiError?> UsageAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var grouping = UsageGrouping.None;
        foreach (var word in query["group_by"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Enum.TryParse<UsageGrouping>(word, ignoreCase: true, out var one) || int.TryParse(word, out _))
                return new ApiError(ApiErrorCode.InvalidRequest, $"group_by has '{word}'; it can have namespace, key, model and day, with commas between.", "group_by");
            grouping |= one;
        }

        var usage = new UsageQuery
        {
            Namespace = query["namespace"] is [{ Length: > 0 } owner] ? new NamespaceId(owner) : null,
            Key = query["key"] is [{ Length: > 0 } key] ? new KeyId(key) : null,
            Model = query["model"] is [{ Length: > 0 } model] ? model : null,
            GroupBy = grouping,
        };
        var rows = await ledger.Usage.SumAsync(usage, http.RequestAborted);
        var data = rows.Select(r => new AdminUsage(
            r.Namespace?.Value, r.Key?.Value, r.Model, r.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            r.Jobs, r.PromptTokens, r.CachedTokens, r.CompletionTokens, r.Charge.ToString()));
        return await AdminHttp.WriteAsync(http, new AdminList<AdminUsage>([.. data]), AdminJson.Default.AdminListAdminUsage);
    }

    private async Task<ApiError?> AuditAsync(HttpContext http)
    {
        var report = await ledger.AuditAsync(http.RequestAborted);
        var audit = new AdminAudit(report.IsClean, report.Transfers, [.. report.Violations.Select(v => $"{v.Property}: {v.Detail}")]);
        return await AdminHttp.WriteAsync(http, audit, AdminJson.Default.AdminAudit);
    }
}
