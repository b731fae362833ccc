namespace Flotilla.Protocol.OpenAI;

/// <summary>How several models answer one request. Closed.</summary>
public enum EnsembleStrategy
{
    /// <summary>The next model is asked only where the one before failed.</summary>
    Fallback,

    /// <summary>All are asked; the first to answer is heard, the others are stopped.</summary>
    Race,

    /// <summary>All are asked, and each answer is a choice of its own.</summary>
    All,

    /// <summary>All are asked; the answer that most of them give is given.</summary>
    Vote,

    /// <summary>All are asked; one further model says whose answer is given.</summary>
    Judge,
}
