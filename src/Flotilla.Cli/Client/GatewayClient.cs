using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Client;

/// <summary>Speaks to a running gateway, as any program could.</summary>
internal sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string? _adminKey;
    private readonly string? _apiKey;

    private GatewayClient(Uri root, string? adminKey, string? apiKey)
    {
        Root = root;
        _adminKey = adminKey;
        _apiKey = apiKey;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = CliLimits.ConnectTimeout,
            // A proxy for the outside world would be asked for 127.0.0.1, and would find nothing there.
            UseProxy = !root.IsLoopback,
            AllowAutoRedirect = false,
        })
        {
            BaseAddress = root,
            MaxResponseContentBufferSize = CliLimits.AnswerBytesMax,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The gateway's address, without <c>/v1</c>.</summary>
    public Uri Root { get; }

    /// <summary>Finds the gateway: by flag, variable or file, else the one that ran last in the data folder.</summary>
    /// <exception cref="CommandFailedException">None is known.</exception>
    public static GatewayClient Of(SettingsReader settings)
    {
        var credentials = Credentials.Find(settings.DataFolder);
        var given = settings.Text(SettingKey.Gateway, SharedOptions.Gateway);
        // The keys of the file belong to the gateway of the file: no other shall ever see them.
        var known = given is null || (credentials is not null && SameGateway(given, credentials.BaseUrl)) ? credentials : null;
        var address = given ?? credentials?.BaseUrl ?? throw new CommandFailedException(
            ExitCode.Unreachable, $"no gateway is known: there is no {Credentials.PathIn(settings.DataFolder)}.",
            "Start one with 'flotilla up', or name one with --gateway URL --admin-key KEY.");
        return new GatewayClient(
            ParseAddress(address),
            settings.Text(SettingKey.AdminKey, SharedOptions.AdminKey) ?? known?.AdminKey,
            settings.Text(SettingKey.ApiKey, SharedOptions.ApiKey) ?? known?.ApiKey);
    }

    /// <summary>Asks the admin API.</summary>
    /// <returns>The JSON of the answer; an empty object when it has no body.</returns>
    public Task<JsonElement> AdminAsync(HttpMethod method, string path, JsonObject? body, CancellationToken ct) =>
        AskAsync(method, "admin/v1/" + path, Require(_adminKey, "an admin key", "--admin-key"), body, ct);

    /// <summary>Asks the OpenAI surface.</summary>
    public Task<JsonElement> OpenAiAsync(HttpMethod method, string path, CancellationToken ct) =>
        AskAsync(method, "v1/" + path, Require(_apiKey, "an API key", "--api-key"), null, ct);

    /// <summary>Opens a streamed answer; the caller disposes it. Ends with an error before the first byte, or not at all.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string path, JsonObject body, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Post, "v1/" + path, Require(_apiKey, "an API key", "--api-key"), body);
        var response = await SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
                throw Refused(response.StatusCode, await response.Content.ReadAsStringAsync(ct));
        }
        return response;
    }

    public void Dispose() => _http.Dispose();

    private static bool SameGateway(string left, string right) => ParseAddress(left) == ParseAddress(right);

    private static Uri ParseAddress(string address)
    {
        var text = address.TrimEnd('/');
        text = text.EndsWith("/v1", StringComparison.Ordinal) ? text[..^"/v1".Length] : text;
        return Uri.TryCreate(text + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new CommandFailedException(ExitCode.Usage, $"'{address}' is no address of a gateway.", "It looks like http://127.0.0.1:8080.");
    }

    private static string Require(string? key, string what, string flag) => key ?? throw new CommandFailedException(
        ExitCode.Usage, $"{what} is needed for this gateway.", $"Give {flag}, or {"FLOTILLA__" + flag.TrimStart('-').Replace('-', '_').ToUpperInvariant()}.");

    private static HttpRequestMessage Request(HttpMethod method, string path, string key, JsonObject? body)
    {
        HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return request;
    }

    private async Task<JsonElement> AskAsync(HttpMethod method, string path, string key, JsonObject? body, CancellationToken ct)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(CliLimits.AdminTimeout);
        try
        {
            using var request = Request(method, path, key, body);
            using var response = await SendAsync(request, limited.Token);
            var text = await response.Content.ReadAsStringAsync(limited.Token);
            if (!response.IsSuccessStatusCode)
                throw Refused(response.StatusCode, text);
            return JsonElement.Parse(text.Length == 0 ? "{}" : text);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCode.Unreachable, $"the gateway at {Root} did not answer within {CliLimits.AdminTimeout.TotalSeconds} s.");
        }
        catch (JsonException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{Root} answered something that is not JSON; is it a Flotilla gateway?");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException fault)
        {
            throw new CommandFailedException(ExitCode.Unreachable, $"no gateway answers at {Root} ({fault.InnerException?.Message ?? fault.Message}).",
                "Is it running? Start it with 'flotilla up', or name another with --gateway URL.");
        }
    }

    private static CommandFailedException Refused(HttpStatusCode status, string body)
    {
        var fix = status switch
        {
            HttpStatusCode.Unauthorized => "The key was revoked or belongs to another gateway; see 'flotilla keys --help'.",
            HttpStatusCode.Forbidden => "The admin API answers only on its own machine unless admin_from_anywhere is set, and only to an admin key.",
            HttpStatusCode.PaymentRequired => "Add credits with 'flotilla credits add AMOUNT'.",
            HttpStatusCode.ServiceUnavailable => "See which nodes are online with 'flotilla nodes'.",
            _ => "",
        };
        return new CommandFailedException(ExitCode.Failed, $"the gateway refused ({(int)status}): {ErrorMessage(body)}", fix);
    }

    /// <summary>The message of an OpenAI error body; of anything else the beginning.</summary>
    private static string ErrorMessage(string body)
    {
        const int shownMax = 300;
        try
        {
            if (JsonNode.Parse(body)?["error"]?["message"]?.GetValue<string>() is string message)
                return message;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not an error body of ours: shown as it came.
        }
        return body.Length <= shownMax ? body : body[..shownMax] + "…";
    }
}
