using Flotilla.Core;

namespace Flotilla.Gateway.Stages;

/// <summary>Who pays.</summary>
/// <param name="Namespace">Whose balance.</param>
/// <param name="Key">The key that asked; usage is kept by it too.</param>
internal sealed record Caller(NamespaceId Namespace, KeyId Key);
