using Flotilla.Protocol.Link;

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

    /// <summary>
    /// What the models can do, beside what the server's list says of them. Default: what servers in use have, and a refusal of
    /// theirs reaches the client; images, recordings, files and reasoning effort only where they are named here or in the list.
    /// </summary>
    public IReadOnlyList<string> Capabilities { get; init; } =
    [
        Capability.Chat, Capability.Completion, Capability.ToolUse, Capability.ToolChoice, Capability.ParallelToolCalls,
        Capability.Logprobs, Capability.Seed, Capability.JsonObject, Capability.StructuredOutputs,
    ];

    /// <summary>What is said of single models, by our names for them; each is offered, whether or not the server lists it.</summary>
    public IReadOnlyDictionary<string, UpstreamModelOptions> Details { get; init; } = new Dictionary<string, UpstreamModelOptions>();

    /// <summary>Context in tokens where the server does not tell it; 0 = unknown.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Time from a request to the first event of its answer; long prompts and cold models need it.</summary>
    public TimeSpan FirstEventTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time between two events of an answer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The server's name of a model of ours.</summary>
    internal string NameThere(string model) => Models?.GetValueOrDefault(model) ?? model;

    /// <summary>Keeps the key out of logs and messages.</summary>
    public override string ToString() => $"{nameof(UpstreamOptions)} {{ BaseUrl = {BaseUrl} }}";
}
