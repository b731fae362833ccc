using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Upper bounds of a prompt's tokens, before anything is tokenised.</summary>
internal static class PromptSize
{
    // A template may print a schema anew, with spaces after each comma and colon.
    private const int ReprintFactor = 2;

    /// <summary>A chat's: every byte a token, and what templates add.</summary>
    public static long Of(Chat chat)
    {
        long size = OpenAiLimits.PerChatAllowance;
        foreach (var message in chat.Messages)
        {
            size += OpenAiLimits.PerMessageAllowance + Bytes(message.Role) + Bytes(message.Content) + Bytes(message.Name) + Bytes(message.ToolCallId);
            size += message.Parts.Sum(Of);
            foreach (var call in message.ToolCalls)
                size += OpenAiLimits.PerToolAllowance + Bytes(call.Id) + Bytes(call.Name) + ReprintFactor * Bytes(call.Arguments);
        }

        if (chat.ResponseFormat is { } format)
            size += OpenAiLimits.PerToolAllowance + Bytes(format.Name) + ReprintFactor * (Bytes(format.Description) + Bytes(format.Schema));
        if (chat.Tools.Count == 0)
            return size;
        foreach (var tool in chat.Tools)
            size += OpenAiLimits.PerToolAllowance + Bytes(tool.Name) + ReprintFactor * (Bytes(tool.Description) + Bytes(tool.Parameters));
        return size + OpenAiLimits.ToolsAllowance;
    }

    /// <summary>Prompts': every byte, or every id, a token, and one for the beginning of each.</summary>
    public static long Of(Prompts prompts) =>
        prompts.Items.Sum(p => 1 + (p.InputCase == Prompt.InputOneofCase.Text ? Bytes(p.Text) : p.TokenIds.Ids.Count));

    private static long Of(ContentPart part) => part.BodyCase switch
    {
        ContentPart.BodyOneofCase.Text => Bytes(part.Text) + 1,
        // An image's tokens follow its pixels, which a few bytes can make many of.
        ContentPart.BodyOneofCase.Image => OpenAiLimits.PerImageAllowance,
        ContentPart.BodyOneofCase.Audio => part.Audio.Data.Length,
        _ => Bytes(part.File.Name) + Bytes(part.File.Data),
    };

    /// <summary>Of texts to embed: every byte, or every id, a token, and what the model adds.</summary>
    public static long Of(EmbedRequest request) =>
        request.Inputs.Sum(i => OpenAiLimits.PerInputAllowance + (i.InputCase == Prompt.InputOneofCase.Text ? Bytes(i.Text) : i.TokenIds?.Ids.Count ?? 0));

    /// <summary>Of documents to rank: the model reads the query with each of them.</summary>
    public static long Of(RerankRequest request)
    {
        var query = Bytes(request.Query);
        return request.Documents.Sum(d => OpenAiLimits.PerInputAllowance + query + Bytes(d));
    }

    /// <summary>Of texts to moderate, and images.</summary>
    public static long Of(ModerateRequest request) =>
        request.Inputs.Sum(i => OpenAiLimits.PerInputAllowance + Bytes(i)) + (request.Images.Count * (long)OpenAiLimits.PerImageAllowance);

    private static long Bytes(string text) => Encoding.UTF8.GetByteCount(text);
}
