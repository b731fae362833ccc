namespace Flotilla.Protocol.OpenAI;

/// <summary>Something that a request takes for granted, and not every model can do.</summary>
/// <param name="Capability">In the words of the node link, such as <c>vision</c>: see <see cref="Link.Capability"/>.</param>
/// <param name="Param">The field that asks for it.</param>
/// <param name="Otherwise">A lesser capability that will do where nobody has the first; null: none will.</param>
public readonly record struct RequestNeed(string Capability, string Param, string? Otherwise = null);
