using System.Buffers;
using System.Text;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What an answer of several models shows beyond an ordinary one: whose each choice is, and what every model cost.</summary>
/// <param name="strategy">How they answered.</param>
/// <param name="choiceModels">The model of each choice.</param>
public sealed class EnsembleAnswer(EnsembleStrategy strategy, IReadOnlyList<string> choiceModels)
{
    private readonly Dictionary<int, ApiError> _errors = [];

    /// <summary>Every model that was asked; set when all are settled.</summary>
    public IReadOnlyList<EnsembleMember> Members { get; set; } = [];

    /// <summary>The model of a choice.</summary>
    public string ModelOf(int choice) => choiceModels[choice];

    /// <summary>The choice ends with an error, while others may be well.</summary>
    public void Fail(int choice, ApiError error) => _errors[choice] = error;

    /// <summary>Why the choice failed; null where it did not.</summary>
    public ApiError? ErrorOf(int choice) => _errors.GetValueOrDefault(choice);

    /// <summary>Writes <c>,"flotilla":{"strategy":…,"models":[…]}</c>.</summary>
    internal void WriteReport(IBufferWriter<byte> output)
    {
        output.Write(",\"flotilla\":{\"strategy\":"u8);
        output.WriteJsonString(strategy.ToString().ToLowerInvariant());
        output.Write(",\"models\":["u8);
        for (var i = 0; i < Members.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Write(Members[i], output);
        }

        output.Write("]}"u8);
    }

    private static void Write(EnsembleMember member, IBufferWriter<byte> output)
    {
        output.Write("{\"model\":"u8);
        output.WriteJsonString(member.Model);
        output.Write(",\"role\":"u8);
        output.WriteJsonString(member.Role);
        output.Write(",\"job_id\":"u8);
        output.WriteJsonStringOrNull(member.Job);
        output.Write(",\"status\":"u8);
        output.WriteJsonString(member.Status);
        output.Write(",\"usage\":"u8);
        AnswerOut.WriteUsage(output, member.Usage);
        output.Write(",\"credits\":"u8);
        // The text form of an amount is a JSON number.
        output.Write(Encoding.ASCII.GetBytes(member.Charge.ToString()));
        if (member.Votes is { } votes)
        {
            output.Write(",\"votes\":"u8);
            output.WriteJsonNumber(votes);
        }

        if (member.Error is { } error)
        {
            output.Write(","u8);
            error.WriteMember(output);
        }

        output.Write("}"u8);
    }
}
