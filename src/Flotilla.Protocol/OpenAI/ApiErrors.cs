namespace Flotilla.Protocol.OpenAI;

/// <summary>The one table from <see cref="ApiErrorCode"/> to what a client sees.</summary>
public static class ApiErrors
{
    private const string BadRequest = "invalid_request_error";
    private const string Authentication = "authentication_error";
    private const string Server = "server_error";

    private static readonly Row[] Table = Build();

    /// <summary>How the error looks on the wire.</summary>
    public static Row Of(ApiErrorCode code) => Table[(int)code];

    /// <summary>Whether a server that says such a code, ours or OpenAI's own, finds fault with what it was asked.</summary>
    public static bool IsOfRequest(string code) =>
        code is "moderation_blocked" or "content_policy_violation" || Array.Exists(Table, row => row.Status == 400 && row.CodeText == code);

    private static Row[] Build()
    {
        var codes = Enum.GetValues<ApiErrorCode>();
        var table = new Row[codes.Length];
        foreach (var code in codes)
            table[(int)code] = RowOf(code);
        return table;
    }

    private static Row RowOf(ApiErrorCode code) => code switch
    {
        ApiErrorCode.InvalidRequest => new(400, BadRequest, "invalid_request"),
        ApiErrorCode.InvalidJson => new(400, BadRequest, "invalid_json"),
        ApiErrorCode.MissingField => new(400, BadRequest, "missing_required_parameter"),
        ApiErrorCode.InvalidType => new(400, BadRequest, "invalid_type"),
        ApiErrorCode.InvalidValue => new(400, BadRequest, "invalid_value"),
        ApiErrorCode.UnsupportedField => new(400, BadRequest, "unsupported_parameter"),
        ApiErrorCode.ContextLengthExceeded => new(400, BadRequest, "context_length_exceeded"),
        ApiErrorCode.ModelNotForEndpoint => new(400, BadRequest, "model_not_for_endpoint"),
        ApiErrorCode.ToolChoiceNotHonored => new(400, BadRequest, "tool_choice_not_honored"),
        ApiErrorCode.InvalidImageUrl => new(400, BadRequest, "invalid_image_url"),
        ApiErrorCode.InvalidFileUrl => new(400, BadRequest, "invalid_file_url"),
        ApiErrorCode.MissingApiKey => new(401, Authentication, "missing_api_key"),
        ApiErrorCode.InvalidApiKey => new(401, Authentication, "invalid_api_key"),
        ApiErrorCode.InsufficientCredits => new(402, "insufficient_quota", "insufficient_credits", ShouldRetry: false),
        // Alone among the 402: what is held returns within a job's time, so the SDKs are asked to come again.
        ApiErrorCode.InFlightBudgetExhausted => new(402, "insufficient_quota", "in_flight_budget_exhausted", ShouldRetry: true),
        ApiErrorCode.WeightExceedsBudget => new(402, "insufficient_quota", "weight_exceeds_budget", ShouldRetry: false),
        ApiErrorCode.PermissionDenied => new(403, "permission_error", "permission_denied"),
        ApiErrorCode.ModelNotFound => new(404, BadRequest, "model_not_found"),
        ApiErrorCode.NotFound => new(404, BadRequest, "not_found"),
        ApiErrorCode.JobNotFound => new(404, BadRequest, "job_not_found"),
        ApiErrorCode.MethodNotAllowed => new(405, BadRequest, "method_not_allowed"),
        // The SDKs repeat a 409 by themselves; these stay as they are.
        ApiErrorCode.IdempotencyKeyConflict => new(409, BadRequest, "idempotency_key_conflict", ShouldRetry: false),
        ApiErrorCode.IdempotentAnswerLost => new(409, BadRequest, "idempotent_answer_lost", ShouldRetry: false),
        ApiErrorCode.FileInUse => new(409, BadRequest, "file_in_use", ShouldRetry: false),
        ApiErrorCode.PreconditionFailed => new(412, BadRequest, "precondition_failed"),
        ApiErrorCode.BodyTooLarge => new(413, BadRequest, "body_too_large"),
        ApiErrorCode.RangeNotSatisfiable => new(416, BadRequest, "range_not_satisfiable"),
        ApiErrorCode.RateLimited => new(429, "rate_limit_error", "rate_limit_exceeded"),
        ApiErrorCode.Internal => new(500, Server, "internal_error"),
        // The SDKs repeat whatever is 500 or more; what is not built stays not built.
        ApiErrorCode.NotImplemented => new(501, Server, "not_implemented", ShouldRetry: false),
        ApiErrorCode.NodeFailed => new(502, Server, "node_failed"),
        // The same text to the same model, and charged each time.
        ApiErrorCode.NoVerdict => new(502, Server, "no_verdict", ShouldRetry: false),
        ApiErrorCode.NoWorkersAvailable => new(503, Server, "no_workers_available"),
        ApiErrorCode.Overloaded => new(503, Server, "overloaded"),
        ApiErrorCode.Timeout => new(504, Server, "timeout"),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "This error has no row in the table."),
    };

    /// <summary>One error on the wire.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Type">The envelope's <c>type</c>.</param>
    /// <param name="CodeText">The envelope's <c>code</c>.</param>
    /// <param name="ShouldRetry">The header <c>x-should-retry</c>; null leaves the choice to the SDK, which repeats 408, 409, 429 and from 500 on.</param>
    public readonly record struct Row(int Status, string Type, string CodeText, bool? ShouldRetry = null);
}
