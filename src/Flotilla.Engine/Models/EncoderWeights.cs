using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>What an encoder does to embeddings before its first layer.</summary>
/// <param name="Types">(token types, width), or null where the file has none.</param>
/// <param name="Positions">(context, width), or null where positions are rotations.</param>
/// <param name="Norm">For their sum.</param>
internal sealed record EncoderWeights(WeightMatrix? Types, WeightMatrix? Positions, CentredNorm Norm);
