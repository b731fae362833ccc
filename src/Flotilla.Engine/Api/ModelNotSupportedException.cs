namespace Flotilla.Engine;

/// <summary>A well-formed model file asks for something that this engine does not have; the message names it.</summary>
public sealed class ModelNotSupportedException : Exception
{
    /// <summary>Makes the exception for one missing thing, for example <c>architecture "mamba"</c>.</summary>
    public ModelNotSupportedException(string missing)
        : base($"The model is not supported: {missing}.") => Missing = missing;

    /// <summary>What is missing, as it stands in the message.</summary>
    public string Missing { get; }
}
