using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Stages;

/// <summary>Who pays.</summary>
/// <param name="Namespace">Whose balance.</param>
/// <param name="Key">The key that asked; usage is kept by it too.</param>
internal sealed record Caller(NamespaceId Namespace, KeyId Key)
{
    /// <summary>What is paid of the model's price, in hundredths of a percent; a front door may be cheaper than another.</summary>
    public int PriceBasisPoints { get; init; } = Price.BasisPoints;
}
