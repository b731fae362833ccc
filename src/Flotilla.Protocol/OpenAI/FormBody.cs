namespace Flotilla.Protocol.OpenAI;

/// <summary>A multipart/form-data body that was read whole, its parts in order.</summary>
/// <param name="Parts">Within <see cref="OpenAiLimits.FormPartsMax"/>.</param>
public sealed record FormBody(IReadOnlyList<FormPart> Parts);
