using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI.Inputs;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>How a job about inputs (embeddings, reranking, moderation) is asked of a server, and how its one answer is read.</summary>
/// <param name="Path">Under the server's base URL.</param>
/// <param name="Body">The request.</param>
/// <param name="Read">From the answer to its events and the tokens that the server counted.</param>
internal sealed record UpstreamInputs(string Path, byte[] Body, Func<ReadOnlyMemory<byte>, (IReadOnlyList<Event> Events, uint Tokens)> Read)
{
    /// <summary>For a job's request; null where it is of another kind.</summary>
    /// <param name="work">The request.</param>
    /// <param name="model">The model's name on the server.</param>
    /// <exception cref="JsonException">Its extra fields are no JSON object.</exception>
    public static UpstreamInputs? Of(IMessage work, string model) => work switch
    {
        EmbedRequest embed => new("embeddings", InputRequestWriter.Write(embed, model), body => InputAnswerReader.Embeddings(body, embed.Inputs.Count)),
        RerankRequest rerank => new("rerank", InputRequestWriter.Write(rerank, model), body => InputAnswerReader.Scores(body, rerank.Documents.Count)),
        ModerateRequest moderate => new("moderations", InputRequestWriter.Write(moderate, model), body => InputAnswerReader.Verdicts(body, moderate.Inputs.Count)),
        _ => null,
    };
}
