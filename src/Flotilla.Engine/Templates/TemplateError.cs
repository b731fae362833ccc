namespace Flotilla.Engine.Templates;

/// <summary>Why a chat template could not be read or rendered.</summary>
internal enum TemplateError
{
    /// <summary>The template is not of the language.</summary>
    Syntax,

    /// <summary>The template uses something of the language that this interpreter does not have.</summary>
    Unsupported,

    /// <summary>A limit of <see cref="TextLimits"/> is passed.</summary>
    LimitExceeded,

    /// <summary>An operation does not fit the value it meets.</summary>
    Evaluation,

    /// <summary>The template itself refused the conversation with <c>raise_exception</c>.</summary>
    Raised,
}
