namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>Why a response failed, as the response object tells it.</summary>
/// <param name="Code">OpenAI's <c>server_error</c> for whatever was not the client's fault, else our own code.</param>
/// <param name="Message">For a person.</param>
public readonly record struct ResponseError(string Code, string Message)
{
    private const string Server = "server_error";
    private const int ServerStatusMin = 500;

    /// <summary>From an error of ours.</summary>
    public static ResponseError Of(ApiError error) => Of(error.Status, error.CodeText, error.Message);

    /// <summary>From an error as it was answered.</summary>
    public static ResponseError Of(int status, string code, string message) => new(status >= ServerStatusMin ? Server : code, message);
}
