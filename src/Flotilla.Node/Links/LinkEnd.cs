namespace Flotilla.Node.Links;

/// <summary>How an attempt at a link ended.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">A sentence for people.</param>
internal sealed record LinkEnd(LinkEndKind Kind, string Detail);
