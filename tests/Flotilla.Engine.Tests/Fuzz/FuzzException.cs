namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>An input that did what no input may do.</summary>
internal sealed class FuzzException(string message, Exception? inner) : Exception(message, inner);
