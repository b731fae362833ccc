namespace Flotilla.Engine;

/// <summary>How well a document answers a query.</summary>
/// <param name="Score">0 to 1: the logistic function of the model's one number, or, where it has several labels, the share of the first in their softmax.</param>
/// <param name="Tokens">Tokens of query and document, and of what stands between and around them.</param>
public sealed record RankResult(float Score, int Tokens);
