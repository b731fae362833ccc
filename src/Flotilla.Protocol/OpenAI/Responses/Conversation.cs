using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>What goes on from one response to the next.</summary>
public static class Conversation
{
    /// <summary>The request with an earlier conversation before its own input.</summary>
    /// <param name="request">A request to <c>/v1/responses</c>; its chat is changed.</param>
    /// <param name="earlier">The conversation; null where there is none of this name.</param>
    /// <returns>The request; a fault where the conversation is unknown, or both together are too long.</returns>
    public static (TextInference? Request, ApiError? Error) Continue(TextInference request, Chat? earlier)
    {
        const string Param = "previous_response_id";
        if (earlier is null)
            return (null, new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{Param}': your namespace keeps no response of this id. Send the whole conversation as 'input'.", Param));
        var chat = request.Work.Chat;
        var own = chat.Messages.ToList();
        var instructions = request.Response!.HasInstructions ? 1 : 0;
        chat.Messages.Clear();
        chat.Messages.AddRange(own.Take(instructions));
        chat.Messages.AddRange(earlier.Messages);
        chat.Messages.AddRange(own.Skip(instructions));
        if (TooLong(request, Param) is { } tooLong)
            return (null, tooLong);
        return (request with { PromptBytes = PromptSize.Of(chat), Needs = [.. request.Needs.Concat(NeedsOf(earlier, Param)).DistinctBy(n => n.Capability)] }, null);
    }

    /// <summary>Why a chat that was put together is too long; null where it is not.</summary>
    internal static ApiError? TooLong(TextInference request, string param)
    {
        var messages = request.Work.Chat.Messages;
        var media = messages.Sum(m => m.Parts.Count(p => p.BodyCase != ContentPart.BodyOneofCase.Text));
        var bytes = request.Work.CalculateSize();
        return messages.Count > OpenAiLimits.MessagesMax || media > OpenAiLimits.MediaPartsMax || bytes > OpenAiLimits.ConversationBytesMax
            ? new ApiError(
                ApiErrorCode.InvalidValue,
                $"Invalid value for '{param}': the conversation has {messages.Count} messages, {media} images, recordings and files, and {bytes} bytes with this input; "
                + $"the limits are {OpenAiLimits.MessagesMax}, {OpenAiLimits.MediaPartsMax} and {OpenAiLimits.ConversationBytesMax}.",
                param)
            : null;
    }

    /// <summary>The conversation that the next response continues: without the instructions, which hold for one response alone.</summary>
    public static Chat After(TextInference request, Message answer)
    {
        var chat = new Chat();
        chat.Messages.AddRange(request.Work.Chat.Messages.Skip(request.Response!.HasInstructions ? 1 : 0));
        chat.Messages.Add(answer);
        return chat;
    }

    private static IEnumerable<RequestNeed> NeedsOf(Chat earlier, string param) => earlier.Messages.SelectMany(m => m.Parts)
        .Select(p => p.BodyCase switch
        {
            ContentPart.BodyOneofCase.Image => Capability.Vision,
            ContentPart.BodyOneofCase.Audio => Capability.AudioInput,
            ContentPart.BodyOneofCase.File => Capability.FileInput,
            _ => "",
        })
        .Where(capability => capability.Length > 0)
        .Select(capability => new RequestNeed(capability, param));
}
