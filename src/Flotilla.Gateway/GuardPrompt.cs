namespace Flotilla.Gateway;

/// <summary>How a chat model is asked for a verdict on a text, where it moderates.</summary>
public enum GuardPrompt
{
    /// <summary>Not at all: the model is no guard.</summary>
    None,

    /// <summary>By its own chat template, which holds the policy, as Llama Guard's does: the text alone is sent.</summary>
    Template,

    /// <summary>By Llama Guard's prompt, written around the text.</summary>
    Written,
}
