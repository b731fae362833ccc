namespace Flotilla.Gateway.Nodes;

/// <summary>How fast a node is with a model: moving averages, in which the last jobs weigh most.</summary>
/// <param name="FirstTokenMs">Milliseconds to the first token; 0 = unknown.</param>
/// <param name="TokensPerSecond">Of one job; 0 = unknown.</param>
/// <param name="At">Timestamp of the last job.</param>
internal readonly record struct Pace(double FirstTokenMs, double TokensPerSecond, long At)
{
    // A quarter: after a change, four jobs tell most of the new truth, and one slow job does not.
    private const double Weight = 0.25;
    private const double MillisecondsMin = 0.001;

    /// <summary>Nothing is known.</summary>
    public static Pace Unknown => default;

    /// <summary>Powers of two of the milliseconds to the first token, so that what differs by chance counts as the same; 0 where unknown.</summary>
    public int Bucket => FirstTokenMs <= 1 ? 0 : (int)Math.Log2(FirstTokenMs);

    /// <summary>With one job more.</summary>
    public Pace With(TimeSpan? firstToken, double? tokensPerSecond, long now) => new(
        Mean(FirstTokenMs, firstToken is { } wait ? Math.Max(wait.TotalMilliseconds, MillisecondsMin) : null),
        Mean(TokensPerSecond, tokensPerSecond),
        now);

    private static double Mean(double old, double? next) =>
        next is not { } value ? old : old == 0 ? value : (old * (1 - Weight)) + (value * Weight);
}
