namespace Flotilla.Protocol.OpenAI;

/// <summary>Frames of a video that a model was shown, and the job that took them.</summary>
/// <param name="Count">How many; of a short video fewer than were asked for.</param>
/// <param name="Model">Who took them.</param>
/// <param name="JobId">The job, which has a charge and a receipt of its own.</param>
public sealed record FramesTaken(int Count, string Model, string JobId);
