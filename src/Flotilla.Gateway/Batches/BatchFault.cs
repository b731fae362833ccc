namespace Flotilla.Gateway.Batches;

/// <summary>What is wrong with a line of a batch's file, or with the file; as OpenAI has it in <c>errors.data</c>.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people.</param>
/// <param name="Param">The member at fault.</param>
/// <param name="Line">The line, from 1; null for the whole file.</param>
internal sealed record BatchFault(string Code, string Message, string? Param, int? Line)
{
    /// <summary>The code of a line whose batch's time was over before it ran; OpenAI's.</summary>
    public const string Expired = "batch_expired";
}
