using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Flotilla.Testing.Api;

/// <summary>Holds every answer of a gateway, and every event of its streams, against the gateway's own OpenAPI documents.</summary>
/// <remarks>It stands below the client that a test uses, so that no test can forget it.</remarks>
public sealed class ContractHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";
    private const int ErrorMin = 400;
    private const string Admin = "/admin/v1/";
    private static readonly ConcurrentDictionary<string, ApiContract> Contracts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);

    /// <summary>What was answered well so far, as <see cref="ApiContract.Answers"/> has it.</summary>
    public IReadOnlyCollection<string> Seen => [.. _seen.Keys];

    /// <summary>The document of the gateway at this address.</summary>
    public Task<ApiContract> ContractAsync(Uri gateway, CancellationToken ct) => ContractAsync(gateway, "/openapi.json", ct);

    /// <summary>The document of its admin API.</summary>
    public Task<ApiContract> AdminContractAsync(Uri gateway, CancellationToken ct) => ContractAsync(gateway, "/admin/openapi.json", ct);

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var (method, uri) = (request.Method.Method, request.RequestUri!);
        var (path, status) = (uri.AbsolutePath, (int)response.StatusCode);
        var isAdmin = path.StartsWith(Admin, StringComparison.Ordinal);
        const int NotModified = 304;
        if (method is "HEAD" or "OPTIONS" || status == NotModified || !(isAdmin || path.StartsWith("/v1/", StringComparison.Ordinal)))
            return response;
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        var contract = isAdmin ? await AdminContractAsync(uri, cancellationToken) : await ContractAsync(uri, cancellationToken);
        var expected = contract.Expect(method, path, status, mediaType);
        // Another gateway of this process may have been one with fewer routes.
        if (expected.Fault is not null)
        {
            Contracts.Clear();
            contract = isAdmin ? await AdminContractAsync(uri, cancellationToken) : await ContractAsync(uri, cancellationToken);
            expected = contract.Expect(method, path, status, mediaType);
        }

        if (expected.Fault is { } fault)
            throw new ContractException($"{method} {path}: {status}: {fault}");
        if (status < ErrorMin)
            _seen.TryAdd(expected.Answer, true);
        if (expected.Schema is not { } schema)
            return response;
        void Check(JsonElement value)
        {
            if (contract.Fault(schema, value) is { } wrong)
                throw new ContractException($"{method} {path}: {status}: {wrong}");
        }

        if (mediaType == Json)
            await CheckWholeAsync(response, Check, cancellationToken);
        else if (mediaType == Events)
            await CheckEventsAsync(response, Check, cancellationToken);
        return response;
    }

    private async Task<ApiContract> ContractAsync(Uri gateway, string document, CancellationToken ct)
    {
        if (Contracts.TryGetValue(document, out var known))
            return known;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, document));
        using var response = await base.SendAsync(request, ct);
        return Contracts[document] = new ApiContract(JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(ct)));
    }

    private static async Task CheckWholeAsync(HttpResponseMessage response, Action<JsonElement> check, CancellationToken ct)
    {
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        check(JsonElement.Parse(body));
        Replace(response, new ByteArrayContent(body));
    }

    private static async Task CheckEventsAsync(HttpResponseMessage response, Action<JsonElement> check, CancellationToken ct)
    {
        var events = new CheckedEvents(await response.Content.ReadAsStreamAsync(ct), (name, data) =>
        {
            if (data == "[DONE]")
                return;
            var value = JsonElement.Parse(data);
            check(value);
            if (name is not null && value.GetProperty("type").GetString() != name)
                throw new ContractException($"An event is named '{name}' and has the type {value.GetProperty("type")}.");
        });
        Replace(response, new StreamContent(events));
    }

    private static void Replace(HttpResponseMessage response, HttpContent content)
    {
        foreach (var (name, values) in (HttpHeaders)response.Content.Headers)
            content.Headers.TryAddWithoutValidation(name, values);
        response.Content = content;
    }
}
