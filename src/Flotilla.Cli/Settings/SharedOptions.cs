using System.CommandLine;

namespace Flotilla.Cli.Settings;

/// <summary>The flags that more than one command has.</summary>
internal static class SharedOptions
{
    public static Option<string?> Data { get; } = new("--data") { HelpName = "DIR", Description = "Folder of keys, ledger and credentials [default: ~/.flotilla]", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "Write the gateway's answer as JSON" };

    public static Option<string?> Gateway { get; } = new("--gateway") { HelpName = "URL", Description = "Which gateway [default: the one in DIR/credentials.json]" };

    public static Option<string?> AdminKey { get; } = new("--admin-key") { HelpName = "KEY", Description = "Its admin key, ak-flt-… [default: the one in DIR/credentials.json]" };

    public static Option<string?> ApiKey { get; } = new("--api-key") { HelpName = "KEY", Description = "An API key, sk-flt-… [default: the one in DIR/credentials.json]" };

    public static Option<string?> Host { get; } = new("--host") { HelpName = "ADDRESS", Description = "Address to listen on; 0.0.0.0 for every network [default: 127.0.0.1]" };

    public static Option<int?> Port { get; } = new("--port") { HelpName = "N", Description = "Port to listen on; 0 for any free one [default: 8080]" };

    public static Option<string?> Model { get; } = new("--model") { HelpName = "FILE", Description = "A GGUF file to serve [default: the demo model]" };

    public static Option<string?> Upstream { get; } = new("--upstream") { HelpName = "URL", Description = "Serve what this OpenAI-compatible server serves (vLLM, llama-server, Ollama, …)" };

    public static Option<string?> UpstreamKey { get; } = new("--upstream-key") { HelpName = "KEY", Description = "The key for that server; FLOTILLA__UPSTREAM_KEY keeps it out of the process list" };

    public static Option<string[]> Command { get; } = new("--command") { HelpName = "FILE", Description = "Serve a model made of local programs, such as models/commands/espeak-ng.json; several for several" };

    public static Option<int?> Threads { get; } = new("--threads") { HelpName = "N", Description = "Threads that compute [default: every core]" };

    public static Option<int?> Slots { get; } = new("--slots") { HelpName = "N", Description = "Jobs that run at once [default: 16]" };

    public static Option<string?> NodeName { get; } = new("--name") { HelpName = "NAME", Description = "A name for this node [default: the machine's]" };

    public static Option<string?> Region { get; } = new("--region") { HelpName = "CODE", Description = "NA, EU, SEA, ME or SA" };

    public static Option<bool> AllowInsecure { get; } = new("--allow-insecure") { Description = "Dial a gateway on another machine without TLS: prompts then cross the network in the clear" };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Log what happens, to stderr" };

    /// <summary>Adds the flags with which a command finds a running gateway and its admin key.</summary>
    public static Command ForAdmin(this Command command)
    {
        command.Add(Gateway);
        command.Add(AdminKey);
        command.Add(Json);
        return command;
    }
}
