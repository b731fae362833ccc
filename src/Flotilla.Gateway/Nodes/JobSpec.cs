using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>One attempt at a job, as it goes to a node.</summary>
/// <param name="Job">The job.</param>
/// <param name="Attempt">Which attempt, from 1; no two of one job carry the same number.</param>
/// <param name="Model">The model's name as nodes advertise it.</param>
/// <param name="Request">The serialised <see cref="Protocol.Link.TextRequest"/>; not changed afterwards.</param>
/// <param name="Seed">Seed of the sampling.</param>
/// <param name="Salt">32 bytes that open the receipt's commitments.</param>
/// <param name="Deadline">Time from now until the node must be done; zero for none.</param>
/// <param name="Choices">Completions over all prompts.</param>
/// <param name="TokensPerChoice">The request's <c>max_tokens</c>.</param>
/// <param name="Prompts">Prompts in the request; 1 for a chat.</param>
/// <param name="Chat">Whether it is a chat: only there can tool calls be shown to the client.</param>
/// <param name="Gather">Whether the node may join events and send them late, because the client waits for the whole.</param>
internal sealed record JobSpec(
    JobId Job, uint Attempt, string Model, byte[] Request, ulong Seed, byte[] Salt, TimeSpan Deadline, int Choices, uint TokensPerChoice, int Prompts = 1,
    bool Gather = false, bool Chat = true);
