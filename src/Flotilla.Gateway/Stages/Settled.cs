using Flotilla.Core;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Stages;

/// <summary>A job that is settled, durably.</summary>
/// <param name="Usage">What the client is told: the tokens that were charged.</param>
/// <param name="Charge">What they cost.</param>
/// <param name="Signature">The gateway's signature over the receipt, base58.</param>
internal sealed record Settled(Usage Usage, Credits Charge, string Signature);
