using System.Buffers;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Why nobody could serve a request: the candidates are narrowed constraint by constraint, and this one left none.</summary>
/// <param name="Constraint">The constraint after which no node was left.</param>
/// <param name="Candidates">Nodes that were left before it; null where that is not known.</param>
public sealed record Availability(AvailabilityConstraint Constraint, int? Candidates = null)
{
    /// <summary>Writes <c>,"availability":{"constraint"[,"candidates"]}</c>.</summary>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        output.Write(",\"availability\":{\"constraint\":"u8);
        output.WriteJsonString(Constraint.ToString().ToLowerInvariant());
        if (Candidates is { } nodes)
        {
            output.Write(",\"candidates\":"u8);
            output.WriteJsonNumber(nodes);
        }

        output.Write("}"u8);
    }
}
