namespace Flotilla.Protocol.OpenAI;

/// <summary>Every error that the HTTP API answers with; <see cref="ApiErrors"/> says how each looks on the wire.</summary>
public enum ApiErrorCode
{
    /// <summary>400: the request contradicts itself, or the runtime refused it for a reason that the client can mend.</summary>
    InvalidRequest,

    /// <summary>400: the body is no JSON object within the limits, holds a key twice, or is not UTF-8.</summary>
    InvalidJson,

    /// <summary>400: a field that must be there is missing or null.</summary>
    MissingField,

    /// <summary>400: a field has the wrong JSON type.</summary>
    InvalidType,

    /// <summary>400: a field has the right type and a value that is out of range or not among those allowed.</summary>
    InvalidValue,

    /// <summary>400: a field, or a value of it, is part of OpenAI's API and not served here.</summary>
    UnsupportedField,

    /// <summary>400: prompt and completion do not fit into the model's context.</summary>
    ContextLengthExceeded,

    /// <summary>400: the model exists and does not serve this endpoint.</summary>
    ModelNotForEndpoint,

    /// <summary>400: the model did not make the call that <c>tool_choice</c> demands.</summary>
    ToolChoiceNotHonored,

    /// <summary>400: an image that the request names by its URL cannot be had, or what is there is none.</summary>
    InvalidImageUrl,

    /// <summary>400: a video or a document that the request names by its URL cannot be had, or what is there is none.</summary>
    InvalidFileUrl,

    /// <summary>401: no bearer key came with the request.</summary>
    MissingApiKey,

    /// <summary>401: the key is unknown or revoked.</summary>
    InvalidApiKey,

    /// <summary>402: the namespace has no credits left for even the smallest answer to this request.</summary>
    InsufficientCredits,

    /// <summary>402: the balance would cover this request, but running requests hold it; it returns when they end.</summary>
    InFlightBudgetExhausted,

    /// <summary>402: the worst case of this request is more than the whole balance; no waiting helps, fewer tokens or more credits do.</summary>
    WeightExceedsBudget,

    /// <summary>403: the key is valid and may not do this.</summary>
    PermissionDenied,

    /// <summary>404: no model of this name is known.</summary>
    ModelNotFound,

    /// <summary>404: no such path or object, or it belongs to somebody else.</summary>
    NotFound,

    /// <summary>404: no such video in this namespace; it may have been deleted, or its time is over.</summary>
    JobNotFound,

    /// <summary>405: the path exists with another method.</summary>
    MethodNotAllowed,

    /// <summary>409: the idempotency key came with another body or path before.</summary>
    IdempotencyKeyConflict,

    /// <summary>409: the request with this idempotency key was executed and charged, and its answer could not be kept.</summary>
    IdempotentAnswerLost,

    /// <summary>409: a batch that is not over reads the file.</summary>
    FileInUse,

    /// <summary>412: what is there is not what <c>If-Match</c> or <c>If-Unmodified-Since</c> names.</summary>
    PreconditionFailed,

    /// <summary>413: the body is longer than the gateway reads.</summary>
    BodyTooLarge,

    /// <summary>416: the file has no byte of the range that <c>Range</c> asks for.</summary>
    RangeNotSatisfiable,

    /// <summary>429: the key's or namespace's limit is used up for now.</summary>
    RateLimited,

    /// <summary>500: a fault of the gateway.</summary>
    Internal,

    /// <summary>501: an endpoint of OpenAI's API that is not served here.</summary>
    NotImplemented,

    /// <summary>502: the node failed, and no other could take over.</summary>
    NodeFailed,

    /// <summary>502: the model that moderates gave no verdict on this text; what it did is charged.</summary>
    NoVerdict,

    /// <summary>503: the model is known and no node that serves it is there now.</summary>
    NoWorkersAvailable,

    /// <summary>503: every node that serves the model, or the gateway itself, is at its limit.</summary>
    Overloaded,

    /// <summary>504: the job's deadline passed.</summary>
    Timeout,
}
