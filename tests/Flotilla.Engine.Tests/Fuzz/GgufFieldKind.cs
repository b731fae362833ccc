namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>What a field of a GGUF header says.</summary>
internal enum GgufFieldKind
{
    Magic,
    Version,
    Count,
    Length,
    Type,
    Number,
    Text,
    DimensionCount,
    Dimension,
    TensorType,
    Offset,
}
