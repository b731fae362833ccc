using System.Text;

namespace Flotilla.GatewayBench;

/// <summary>The one piece of work that every subject does: a chat of one message, answered with 64 words.</summary>
internal static class Workload
{
    public const string Model = "scripted";
    public const int Words = 64;
    public const string Word = " benchmark";

    public static byte[] Request(string host, string key, bool stream)
    {
        var body = $$"""{"model":"{{Model}}","stream":{{(stream ? "true" : "false")}},"max_tokens":128,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"{{new string('a', 300)}}"}]}""";
        return Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }
}
