namespace Flotilla.Engine;

/// <summary>A call of a tool inside an assistant message.</summary>
/// <param name="Id">The caller's id of the call, or null.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="ArgumentsJson">The arguments as JSON text. A template sees a mapping if it is a JSON object, else the text itself.</param>
public sealed record ChatToolCall(string? Id, string Name, string ArgumentsJson);
