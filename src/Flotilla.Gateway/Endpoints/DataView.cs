namespace Flotilla.Gateway.Endpoints;

/// <summary>OpenRouter's envelope around one object.</summary>
internal sealed record DataView<T>(T Data);
