using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>What a client is told when a node could not do its job. The link has bounded and cleaned the node's own words.</summary>
internal static class NodeErrors
{
    public static ApiError From(Failed failed) => failed.Code switch
    {
        Failed.Types.Code.ContextLength => new ApiError(
            ApiErrorCode.ContextLengthExceeded,
            $"This model's maximum context length is {failed.Limit} tokens, and your prompt has {failed.Value}. Shorten the prompt.",
            failed.Param.Length > 0 ? failed.Param : null)
        {
            Availability = new Availability(AvailabilityConstraint.Context),
        },
        Failed.Types.Code.InvalidRequest => new ApiError(ApiErrorCode.InvalidRequest, failed.Message, failed.Param.Length > 0 ? failed.Param : null),
        Failed.Types.Code.Unsupported => new ApiError(ApiErrorCode.UnsupportedField, failed.Message, failed.Param.Length > 0 ? failed.Param : null),
        Failed.Types.Code.ToolChoice => new ApiError(ApiErrorCode.ToolChoiceNotHonored, failed.Message, failed.Param.Length > 0 ? failed.Param : null),
        Failed.Types.Code.Deadline => new ApiError(ApiErrorCode.Timeout, "The node did not finish in time."),
        Failed.Types.Code.Unavailable => new ApiError(
            ApiErrorCode.NoWorkersAvailable, "The node's model is not available right now.", RetryAfterSeconds: GatewayLimits.RetryAfterSeconds),
        _ => Lost(),
    };

    public static ApiError From(Rejected rejected, string model) => rejected.Reason switch
    {
        Rejected.Types.Reason.Unsupported => new ApiError(ApiErrorCode.ModelNotForEndpoint, $"The model '{model}' cannot serve this request: {rejected.Message}", "model")
        {
            Availability = new Availability(AvailabilityConstraint.Capability),
        },
        Rejected.Types.Reason.Busy => Resolve.Busy(model),
        _ => Resolve.NoNode(model),
    };

    public static ApiError Lost() => new(
        ApiErrorCode.NodeFailed, "The node that served this request failed. What you received is charged, nothing else.");
}
