using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What is the same in every chunk of an answer.</summary>
/// <param name="Id"><c>chatcmpl-…</c> or <c>cmpl-…</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The canonical model id.</param>
/// <param name="Ids">Names the tool calls that the runtime gave no id.</param>
/// <param name="Ensemble">What is shown where several models were asked; null: one was.</param>
public sealed record AnswerHead(string Id, long Created, string Model, IIdSource Ids, EnsembleAnswer? Ensemble = null)
{
    /// <summary>The frames that the answer is about; null where it is about none.</summary>
    public FramesTaken? Frames { get; init; }
}
