using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>What the operator says of namespaces, found by their ids or their names.</summary>
internal sealed class Namespaces(GatewayOptions options, LedgerStore ledger)
{
    private static readonly NamespaceNotes Nothing = new();

    /// <summary>For a namespace that may have no videos.</summary>
    public static ApiError NoVideos() => new(
        ApiErrorCode.PermissionDenied, "Videos are experimental, and not switched on for your namespace; the gateway's operator does that in the setting namespaces (\"videos\": true).");

    /// <summary>What is said of one; its id counts for more than its name, which others may have too.</summary>
    public NamespaceNotes NotesOn(NamespaceId id)
    {
        if (options.Namespaces.Count == 0)
            return Nothing;
        return options.Namespaces.GetValueOrDefault(id.Value)
            ?? (ledger.Keys.FindNamespace(id) is { } known ? options.Namespaces.GetValueOrDefault(known.Name) : null)
            ?? Nothing;
    }
}
