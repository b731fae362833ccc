using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Inputs;

namespace Flotilla.Gateway.Stages;

/// <summary>A moderation by a chat model: the request becomes the chat that asks it for its verdict.</summary>
internal sealed class Guard(GatewayOptions options, Resolve resolve)
{
    /// <summary>The chat, where the operator has made the model a guard; else the request as it is.</summary>
    public Result<InferenceRequest> Ask(InferenceRequest request)
    {
        if (request is not ModerateInference moderation
            || options.Models.GetValueOrDefault(resolve.Canonical(request.Model)) is not { Guard: not GuardPrompt.None and var prompt })
            return request;
        if (moderation.Work.Inputs.Count == 1)
            return GuardQuestion.Of(moderation, prompt == GuardPrompt.Written);
        return new ApiError(
            ApiErrorCode.UnsupportedField,
            $"'input' has {moderation.Work.Inputs.Count} texts; the model '{request.Model}' judges one in a request. Send them one by one.", "input");
    }
}
