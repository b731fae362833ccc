using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.GatewayBench;

/// <summary>An OpenAI-compatible server that answers from memory: what the forwarder forwards to.</summary>
internal static class ScriptedUpstream
{
    public static async Task<int> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenLocalhost(port));
        var app = builder.Build();
        var whole = Whole();
        var chunks = Enumerable.Range(0, Workload.Words).Select(_ => Chunk($$"""{"content":"{{Workload.Word}}"}""", "null")).Append(Chunk("{}", "\"stop\"")).ToArray();
        app.MapPost("/v1/chat/completions", async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            if (body.GetBuffer().AsSpan(0, (int)body.Length).IndexOf("\"stream\":true"u8) < 0)
            {
                http.Response.ContentType = "application/json";
                http.Response.ContentLength = whole.Length;
                await http.Response.Body.WriteAsync(whole);
                return;
            }

            http.Response.ContentType = "text/event-stream";
            foreach (var chunk in chunks)
            {
                await http.Response.Body.WriteAsync(chunk);
                await http.Response.Body.FlushAsync();
            }

            await http.Response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray());
        });
        await app.RunAsync();
        return 0;
    }

    private static byte[] Chunk(string delta, string finish) => Encoding.UTF8.GetBytes(
        $$"""data: {"id":"chatcmpl-0123456789abcdef0123456789abcdef","object":"chat.completion.chunk","created":1790000000,"model":"scripted","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""" + "\n\n");

    private static byte[] Whole()
    {
        var text = string.Concat(Enumerable.Repeat(Workload.Word, Workload.Words));
        return Encoding.UTF8.GetBytes(
            $$$"""{"id":"chatcmpl-0123456789abcdef0123456789abcdef","object":"chat.completion","created":1790000000,"model":"scripted","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":90,"completion_tokens":64,"total_tokens":154}}""");
    }
}
