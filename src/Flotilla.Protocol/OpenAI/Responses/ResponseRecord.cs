using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A response that is complete.</summary>
/// <param name="Id"><c>resp_…</c>.</param>
/// <param name="Body">The response object as JSON on one line.</param>
/// <param name="Answer">What the assistant said and called, as a message of the conversation.</param>
public sealed record ResponseRecord(string Id, ReadOnlyMemory<byte> Body, Message Answer);
