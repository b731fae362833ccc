namespace Flotilla.Gateway.Nodes;

/// <summary>What came from a socket.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">The message of a <see cref="LinkReadKind.Frame"/>; valid until the next read.</param>
internal readonly record struct LinkRead(LinkReadKind Kind, ReadOnlyMemory<byte> Bytes = default);
