namespace Flotilla.Engine.Forms;

/// <summary>A form that answers cannot be held to; the message says what in it, for whoever wrote it.</summary>
internal sealed class FormException(string message) : Exception(message);
