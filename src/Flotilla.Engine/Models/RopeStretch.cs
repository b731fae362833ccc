namespace Flotilla.Engine.Models;

/// <summary>YaRN (Peng et al. 2023): fast pairs keep their frequency, slow ones are stretched, those between are mixed.</summary>
/// <param name="Factor">How much longer the context is than the one that the model was first trained on.</param>
/// <param name="OriginalContext">That context in positions.</param>
/// <param name="FastTurns">Pairs that turn more often than this within it keep their frequency.</param>
/// <param name="SlowTurns">Pairs that turn less often are stretched wholly.</param>
/// <param name="Magnitude">Multiplies cosines and sines.</param>
internal sealed record RopeStretch(float Factor, int OriginalContext, float FastTurns, float SlowTurns, double Magnitude);
