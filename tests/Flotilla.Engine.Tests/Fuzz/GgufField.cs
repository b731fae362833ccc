namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>A field of a file's header.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Width">Its bytes.</param>
/// <param name="Kind">What it says.</param>
internal readonly record struct GgufField(int Offset, int Width, GgufFieldKind Kind);
