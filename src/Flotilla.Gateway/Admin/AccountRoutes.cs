using System.Buffers;
using Flotilla.Core;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Webhooks;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Admin;

/// <summary>Namespaces, keys and credits.</summary>
internal sealed class AccountRoutes(AdminHttp admin, LedgerStore ledger, KeyLimitBook limits, LedgerTail webhooks, IIdSource ids)
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/admin/v1/namespaces", admin.Guard(ListNamespacesAsync));
        routes.MapPost("/admin/v1/namespaces", admin.Guard(CreateNamespaceAsync));
        routes.MapGet("/admin/v1/keys", admin.Guard(ListKeysAsync));
        routes.MapPost("/admin/v1/keys", admin.Guard(CreateKeyAsync));
        routes.MapPut("/admin/v1/keys/{id}/limits", admin.Guard(LimitKeyAsync));
        routes.MapDelete("/admin/v1/keys/{id}", admin.Guard(RevokeKeyAsync));
        routes.MapPost("/admin/v1/credits", admin.Guard(FundAsync));
    }

    private Task<ApiError?> ListNamespacesAsync(HttpContext http) =>
        AdminHttp.WriteAsync(http, new AdminList<AdminNamespace>([.. ledger.Keys.Namespaces.Select(Row)]), AdminJson.Default.AdminListAdminNamespace);

    private async Task<ApiError?> CreateNamespaceAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.CreateNamespaceBody);
        if (error is not null)
            return error;
        if (string.IsNullOrWhiteSpace(body!.Name) || !IsText(body.Name, LedgerLimits.NameCharsMax))
            return new ApiError(ApiErrorCode.InvalidRequest, $"name must have 1 to {LedgerLimits.NameCharsMax} characters and no control characters.", "name");
        var account = body.Account is { } owner ? new AccountId(owner) : await ledger.Keys.CreateAccountAsync(body.Name);
        if (ledger.Keys.Accounts.All(a => a.Id != account))
            return new ApiError(ApiErrorCode.NotFound, $"There is no account '{account}'.", "account");
        var id = await ledger.Keys.CreateNamespaceAsync(account, body.Name);
        var made = ledger.Keys.Namespaces.Single(n => n.Id == id);
        return await AdminHttp.WriteAsync(http, new AdminList<AdminNamespace>([Row(made)]), AdminJson.Default.AdminListAdminNamespace, StatusCodes.Status201Created);
    }

    private Task<ApiError?> ListKeysAsync(HttpContext http)
    {
        var rows = ledger.Keys.List(null).Select(Row);
        return AdminHttp.WriteAsync(http, new AdminList<AdminKey>([.. rows]), AdminJson.Default.AdminListAdminKey);
    }

    private async Task<ApiError?> CreateKeyAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.CreateKeyBody);
        if (error is not null)
            return error;
        if (body!.Name is not null && (string.IsNullOrWhiteSpace(body.Name) || !IsText(body.Name, LedgerLimits.NameCharsMax)))
            return new ApiError(ApiErrorCode.InvalidRequest, $"name must have 1 to {LedgerLimits.NameCharsMax} characters and no control characters, or be left out.", "name");
        NamespaceRecord? owner = null;
        if (!body.Admin && FindNamespace(body.Namespace, out owner) is { } unknown)
            return unknown;
        var own = new KeyLimits(body.RequestsPerMinute, body.TokensPerMinute, body.Concurrency);
        if (Fault(own, body.Admin) is { } fault)
            return fault;
        var kind = body.Admin ? KeyKind.Admin : KeyKind.Client;
        var made = await ledger.Keys.CreateKeyAsync(owner?.Id, body.Name ?? WordOf(kind), kind);
        // Before anybody knows its secret.
        if (own != KeyLimits.None)
            await limits.SetAsync(made.Id, own);
        return await AdminHttp.WriteAsync(
            http, new AdminNewKey(made.Id.Value, made.Secret, owner?.Id.Value), AdminJson.Default.AdminNewKey, StatusCodes.Status201Created);
    }

    private async Task<ApiError?> LimitKeyAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.KeyLimitsBody);
        if (error is not null)
            return error;
        var id = (string)http.Request.RouteValues["id"]!;
        if (ledger.Keys.List(null).FirstOrDefault(k => k.Id.Value == id && !k.IsRevoked) is not { } key)
            return new ApiError(ApiErrorCode.NotFound, $"There is no key '{id}' that could be limited; 'flotilla keys list' shows them.", "id");
        var own = new KeyLimits(body!.RequestsPerMinute, body.TokensPerMinute, body.Concurrency);
        if (Fault(own, key.Kind == KeyKind.Admin) is { } fault)
            return fault;
        await limits.SetAsync(key.Id, own);
        return await AdminHttp.WriteAsync(http, new AdminList<AdminKey>([Row(key)]), AdminJson.Default.AdminListAdminKey);
    }

    private static ApiError? Fault(KeyLimits own, bool isAdmin)
    {
        if (isAdmin && own != KeyLimits.None)
            return new ApiError(ApiErrorCode.InvalidRequest, "An admin key asks for no work, and has no limits. Leave requests_per_minute, tokens_per_minute and concurrency out.", "admin");
        foreach (var (name, value) in new[] { ("requests_per_minute", own.RequestsPerMinute), ("tokens_per_minute", own.TokensPerMinute), ("concurrency", own.Concurrency) })
        {
            if (value < 0)
                return new ApiError(ApiErrorCode.InvalidRequest, $"{name} is {value}; it must not be negative, and 0 stands for no limit.", name);
        }

        return null;
    }

    private async Task<ApiError?> RevokeKeyAsync(HttpContext http)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        if (!await ledger.Keys.RevokeAsync(new KeyId(id)))
            return new ApiError(ApiErrorCode.NotFound, $"There is no key '{id}' that could be revoked; 'flotilla keys list' shows them.");
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private async Task<ApiError?> FundAsync(HttpContext http)
    {
        var (error, body) = await AdminHttp.ReadAsync(http, AdminJson.Default.FundBody);
        if (error is not null)
            return error;
        if (!Credits.TryParse(body!.Credits, out var amount) || amount <= Credits.Zero)
            return new ApiError(ApiErrorCode.InvalidRequest, $"credits is '{body.Credits}'; it must be a decimal number above 0 with at most six decimals.", "credits");
        if (!IsText(body.Reason, LedgerLimits.NoteCharsMax))
            return new ApiError(ApiErrorCode.InvalidRequest, $"reason may have at most {LedgerLimits.NoteCharsMax} characters and no control characters.", "reason");
        if (FindNamespace(body.Namespace, out var target) is { } unknown)
            return unknown;
        var id = body.Id is null ? TransferId.New(ids) : new TransferId(body.Id);
        if (!IsTransferId(id.Value))
            return new ApiError(ApiErrorCode.InvalidRequest, $"id must be '{TransferId.Prefix}' and 32 lower-case hexadecimal digits.", "id");
        var fund = new FundRequest { Id = id, Namespace = target!.Id, Amount = amount, Reason = body.Reason ?? "admin" };
        var status = await ledger.Money.FundAsync(fund, CancellationToken.None);
        if (!status.IsDone())
            return new ApiError(status.IsTransient() ? ApiErrorCode.Overloaded : ApiErrorCode.InvalidRequest, $"The credits were not added: {status}.");
        webhooks.Moved(target.Id);
        return await AdminHttp.WriteAsync(http, new AdminList<AdminNamespace>([Row(target)]), AdminJson.Default.AdminListAdminNamespace);
    }

    private static bool IsText(string? text, int charsMax) => text is null || (text.Length <= charsMax && !text.Any(char.IsControl));

    private static bool IsTransferId(string text) =>
        text.Length == TransferId.Prefix.Length + 32 && text.StartsWith(TransferId.Prefix, StringComparison.Ordinal)
        && text.AsSpan(TransferId.Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    private ApiError? FindNamespace(string? idOrName, out NamespaceRecord? found)
    {
        found = idOrName is null
            ? ledger.Keys.Namespaces.OrderBy(n => n.Created).FirstOrDefault()
            : ledger.Keys.Namespaces.FirstOrDefault(n => n.Id.Value == idOrName) ?? ledger.Keys.Namespaces.FirstOrDefault(n => n.Name == idOrName);
        return found is null ? new ApiError(ApiErrorCode.NotFound, $"There is no namespace '{idOrName}'; GET /admin/v1/namespaces lists them.", "namespace") : null;
    }

    private static string WordOf(KeyKind kind) => kind == KeyKind.Admin ? "admin" : "client";

    private AdminKey Row(KeyRecord key)
    {
        var own = limits.SetFor(key.Id);
        return new AdminKey(
            key.Id.Value, WordOf(key.Kind), key.Name, key.Namespace?.Value, key.Created, key.Revoked, own.RequestsPerMinute, own.TokensPerMinute, own.Concurrency);
    }

    private AdminNamespace Row(NamespaceRecord record)
    {
        var balance = ledger.Money.BalanceOf(record.Id);
        return new AdminNamespace(
            record.Id.Value, record.Name, record.Account.Value, balance.Posted.ToString(), balance.Held.ToString(), balance.Available.ToString());
    }
}
