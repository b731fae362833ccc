using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Nodes;

/// <summary>The small jobs that a model must do before it gets a client's: one of each kind that it claims.</summary>
internal static class AdmissionJobs
{
    private static readonly (string Capability, JobKind Kind, Func<IMessage> Request)[] Tests =
    [
        (Capability.Chat, JobKind.Text, () => Text(new TextRequest { Chat = new Chat { Messages = { new Message { Role = "user", Content = "Hello!" } } } })),
        (Capability.Completion, JobKind.Text, () => Text(new TextRequest { Prompts = new Prompts { Items = { new Prompt { Text = "Once upon a time" } } } })),
        (Capability.Embeddings, JobKind.Embed, () => new EmbedRequest { Inputs = { new Prompt { Text = "Hello!" } } }),
        (Capability.Rerank, JobKind.Rerank, () => new RerankRequest { Query = "Which one greets?", Documents = { "Hello!", "The weather is fine." } }),
        (Capability.Moderation, JobKind.Moderate, () => new ModerateRequest { Inputs = { "Hello!" } }),
    ];

    /// <summary>The capabilities that there is a test for, in words.</summary>
    public static string Capabilities { get; } = string.Join(", ", Tests.Select(t => t.Capability));

    /// <summary>The tests for a model; where one kind has several, the first that fits stands for all.</summary>
    public static IReadOnlyList<(JobKind Kind, IMessage Request)> For(ModelOffer offer) =>
        [.. Tests.Where(t => offer.Capabilities.Contains(t.Capability)).DistinctBy(t => t.Kind).Select(t => (t.Kind, t.Request()))];

    private static TextRequest Text(TextRequest request)
    {
        request.Sampling = new Sampling { Temperature = 0 };
        request.MaxTokens = NodeLimits.AdmissionTokens;
        request.Choices = 1;
        return request;
    }
}
