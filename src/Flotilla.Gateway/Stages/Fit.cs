using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>Whether somebody who serves the model can do what the request takes for granted.</summary>
internal static class Fit
{
    /// <summary>The request, perhaps with a lesser wish where nobody can grant the greater; or a 400 that names the field.</summary>
    public static Result<InferenceRequest> To(InferenceRequest request, string model, IReadOnlyList<ModelOffer> offers)
    {
        ModelOffer[] able = [.. offers.Where(o => o.Capabilities.Contains(request.Capability))];
        // Where nobody serves the model any more, the question is not what they can do.
        if (able.Length == 0 || able.Any(o => Has(o, request.Needs)))
            return request;
        RequestNeed[] relaxed = [.. request.Needs.Select(n => n.Otherwise is { } other && !able.Any(o => o.Capabilities.Contains(n.Capability)) ? new RequestNeed(other, n.Param) : n)];
        if (!able.Any(o => Has(o, relaxed)))
        {
            var missing = relaxed.FirstOrDefault(n => !able.Any(o => o.Capabilities.Contains(n.Capability)), relaxed[0]);
            return new ApiError(
                ApiErrorCode.UnsupportedField,
                $"'{missing.Param}' needs a model with the capability '{missing.Capability}', and '{model}' has no node with it now. Leave it out, or choose another model: GET /v1/models lists capabilities.",
                missing.Param);
        }

        // Only chats have lesser wishes: another form of the answer, or as much thought as the model gives by itself.
        var chat = ((TextInference)request).Work.Chat;
        foreach (var given in request.Needs.Except(relaxed).Select(n => n.Capability))
        {
            if (given == Capability.ReasoningEffort)
                chat.ReasoningEffort = "";
            else
                chat.ResponseFormat = new ResponseFormat { Kind = ResponseFormat.Types.Kind.JsonObject };
        }

        return request with { Needs = relaxed };
    }

    /// <summary>Whether the offer has all that the request needs.</summary>
    public static bool Has(ModelOffer offer, InferenceRequest request) => offer.Capabilities.Contains(request.Capability) && Has(offer, request.Needs);

    private static bool Has(ModelOffer offer, IReadOnlyList<RequestNeed> needs)
    {
        foreach (var need in needs)
        {
            if (!offer.Capabilities.Contains(need.Capability))
                return false;
        }

        return true;
    }
}
