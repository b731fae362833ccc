using Flotilla.Core;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What one model did for a request that several were asked.</summary>
/// <param name="Role"><c>answer</c> or <c>judge</c>.</param>
/// <param name="Model">Its own name.</param>
/// <param name="Job">Its job; null where none began.</param>
/// <param name="Status">completed, failed, cancelled or refused.</param>
/// <param name="Usage">What was charged for.</param>
/// <param name="Charge">What it cost.</param>
/// <param name="Error">Why it failed or was refused; null where it did not.</param>
/// <param name="Votes">Models that gave this answer; null where nobody voted.</param>
public sealed record EnsembleMember(string Role, string Model, string? Job, string Status, Usage Usage, Credits Charge, ApiError? Error = null, int? Votes = null);
