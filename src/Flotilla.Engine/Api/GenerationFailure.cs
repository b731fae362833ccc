namespace Flotilla.Engine;

/// <summary>Why a generation that had begun cannot go on.</summary>
public enum GenerationFailure
{
    /// <summary>The model's weights drove a hidden state or a logit to infinity or to no number at all.</summary>
    NotFinite,

    /// <summary>The answer cannot go on in the form that it is held to.</summary>
    FormNotKept,

    /// <summary>The engine is being disposed.</summary>
    Stopped,

    /// <summary>An error of the engine itself.</summary>
    Internal,
}
