namespace Flotilla.Gateway.Videos;

/// <summary>Why there is no video.</summary>
/// <param name="Code">As docs/errors.md has it, or <c>cancelled</c>.</param>
/// <param name="Message">For a person.</param>
internal sealed record VideoError(string Code, string Message);
