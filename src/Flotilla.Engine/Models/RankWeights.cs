using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>From a final hidden state to the numbers of a model's labels. Either product may be missing, not both.</summary>
/// <param name="Dense">(width, width)</param>
/// <param name="DenseBias">(width), or null for none.</param>
/// <param name="Output">(labels, width)</param>
/// <param name="OutputBias">(labels), or null for none.</param>
internal sealed record RankWeights(WeightMatrix? Dense, float[]? DenseBias, WeightMatrix? Output, float[]? OutputBias);
