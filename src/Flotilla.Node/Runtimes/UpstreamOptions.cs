namespace Flotilla.Node.Runtimes;

/// <summary>How a node uses another server that speaks OpenAI's API.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The API's base, as an SDK has it: usually ending in <c>/v1</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Sent as a bearer token; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The models to offer: our name → the server's. Null offers all that <c>GET /models</c> lists, under the same names.</summary>
    public IReadOnlyDictionary<string, string>? Models { get; init; }

    /// <summary>What the models can do; a server does not tell.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = ["chat", "completion", "tool_use", "logprobs", "seed"];

    /// <summary>Context in tokens where the server does not tell it; 0 = unknown.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Time from a request to the first event of its answer; long prompts and cold models need it.</summary>
    public TimeSpan FirstEventTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time between two events of an answer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Keeps the key out of logs and messages.</summary>
    public override string ToString() => $"{nameof(UpstreamOptions)} {{ BaseUrl = {BaseUrl} }}";
}
