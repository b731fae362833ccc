using System.Diagnostics.CodeAnalysis;

namespace Flotilla.Gateway.Outbound;

/// <summary>An answer, or why there is none.</summary>
internal readonly struct OutboundResult
{
    private readonly OutboundAnswer? _answer;
    private readonly OutboundFault _fault;

    private OutboundResult(OutboundAnswer? answer, OutboundFault fault) => (_answer, _fault) = (answer, fault);

    public static implicit operator OutboundResult(OutboundAnswer answer) => new(answer, default);

    public static implicit operator OutboundResult(OutboundFault fault) => new(null, fault);

    /// <summary>Whether there is no answer, and why.</summary>
    public bool Failed(out OutboundFault fault, [NotNullWhen(false)] out OutboundAnswer? answer)
    {
        fault = _fault;
        answer = _answer;
        return answer is null;
    }
}
