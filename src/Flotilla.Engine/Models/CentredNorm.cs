namespace Flotilla.Engine.Models;

/// <summary>A normalisation round the mean.</summary>
/// <param name="Scale">(width)</param>
/// <param name="Shift">(width)</param>
internal sealed record CentredNorm(float[] Scale, float[] Shift);
