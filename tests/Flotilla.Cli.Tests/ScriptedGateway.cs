using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Tests;

/// <summary>A gateway that answers what the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<Asked> _asked = [];

    private ScriptedGateway(WebApplication app) => _app = app;

    /// <summary>One request.</summary>
    internal sealed record Asked(string Line, string? Key, string Body);

    public string Url => _app.Urls.First();

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyList<Asked> Requests
    {
        get
        {
            lock (_asked)
                return [.. _asked];
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="answers">"GET /path" → the body, with a status before it where that is not 200: <c>401 {…}</c>.</param>
    public static async Task<ScriptedGateway> StartAsync(IReadOnlyDictionary<string, string> answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        ScriptedGateway gateway = new(app);
        app.Run(http => gateway.AnswerAsync(http, answers));
        await app.StartAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, IReadOnlyDictionary<string, string> answers)
    {
        using StreamReader reader = new(http.Request.Body, Encoding.UTF8);
        var line = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}";
        var body = await reader.ReadToEndAsync();
        lock (_asked)
            _asked.Add(new Asked(line, http.Request.Headers.Authorization, body));
        var answer = answers.GetValueOrDefault(line, """404 {"error":{"message":"no such path","type":"invalid_request_error","param":null,"code":"not_found"}}""");
        if (answer.Length > 3 && char.IsAsciiDigit(answer[0]))
        {
            http.Response.StatusCode = int.Parse(answer[..3], System.Globalization.CultureInfo.InvariantCulture);
            answer = answer[4..];
        }
        http.Response.ContentType = answer.StartsWith("data:", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
        await http.Response.WriteAsync(answer);
    }
}
