using System.Net.Sockets;
using Flotilla.Engine;
using Flotilla.Engine.Gguf;
using Flotilla.Ledger;
using Flotilla.Node;
using Microsoft.AspNetCore.Connections;

namespace Flotilla.Cli;

/// <summary>The failures that a person can do something about, with what; all others are bugs and keep their stack.</summary>
internal static class Failures
{
    /// <summary>The message for a failure; null for a bug.</summary>
    public static CommandFailedException? Explain(Exception fault) => fault switch
    {
        CommandFailedException known => known,
        LedgerInUseException => new(ExitCode.Failed, fault.Message, "Another flotilla uses this data folder: stop it, or give --data another folder."),
        LedgerUnusableException or LedgerFullException => new(ExitCode.Failed, fault.Message),
        NodeRefusedException => new(ExitCode.Failed, fault.Message, "'flotilla nodes invite' on the gateway's machine makes a new token."),
        ModelNotSupportedException or GgufException => new(ExitCode.Failed, fault.Message),
        IOException { InnerException: AddressInUseException } => new(ExitCode.Failed, fault.Message, "Another program has this port: give --port another, or 0 for any free one."),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AccessDenied } =>
            new(ExitCode.Failed, $"it is not possible to listen there: {fault.Message}.", "Check --host and --port; ports below 1024 need more rights."),
        UnauthorizedAccessException or IOException => new(ExitCode.Failed, fault.Message),
        InvalidDataException => new(ExitCode.Failed, fault.Message),
        _ => null,
    };
}
