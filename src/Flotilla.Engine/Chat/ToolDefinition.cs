namespace Flotilla.Engine;

/// <summary>A tool offered to the model.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Description">What it does, or null.</param>
/// <param name="ParametersJson">JSON Schema of the parameters as JSON text; <c>{}</c> if there are none.</param>
public sealed record ToolDefinition(string Name, string? Description, string ParametersJson)
{
    /// <summary>Whether the arguments of every call keep to the schema.</summary>
    public bool IsStrict { get; init; }
}
