namespace Flotilla.Engine.Templates;

/// <summary>A chat template can't be read or rendered.</summary>
internal sealed class TemplateException : Exception
{
    public TemplateException(TemplateError error, string message, int line = 0)
        : base(line > 0 ? $"{message} (line {line} of the chat template)" : message) => (Error, Detail) = (error, message);

    /// <summary>What kind of failure.</summary>
    public TemplateError Error { get; }

    /// <summary>The message without the place. Of <see cref="TemplateError.Raised"/>, the template's own words.</summary>
    public string Detail { get; }
}
