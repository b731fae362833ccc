namespace Flotilla.Engine.Templates;

/// <summary>What a template may ask for beside the conversation.</summary>
/// <param name="Now">
/// The time for templates that state it, or null for a standard date. A prompt that holds the time is another one tomorrow, and so is
/// all that follows from it; a job that may be resumed elsewhere must carry it.
/// </param>
/// <param name="Effort">How much the model shall think; null leaves that to it.</param>
internal readonly record struct PromptTerms(DateTimeOffset? Now = null, string? Effort = null)
{
    /// <summary>The effort of a model that is not to think.</summary>
    public const string NoEffort = "none";
}
