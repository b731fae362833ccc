using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Node.Runtimes;

/// <summary>Whether the vectors of a job fit into one answer; only its runtime knows how long they are.</summary>
internal static class VectorSize
{
    /// <summary>The failure that tells the client to send fewer inputs, or null.</summary>
    /// <param name="inputs">How many vectors there are.</param>
    /// <param name="dimensions">Values of each.</param>
    public static RunFailure? Check(int inputs, int dimensions)
    {
        var bytes = (long)inputs * dimensions * sizeof(float);
        return bytes <= OpenAiLimits.VectorBytesMax ? null : new RunFailure(
            Failed.Types.Code.InvalidRequest,
            $"{inputs} embeddings of {dimensions} values have {bytes} bytes; one answer holds {OpenAiLimits.VectorBytesMax}. Send fewer inputs.", Retryable: false)
        {
            Param = "input", Limit = OpenAiLimits.VectorBytesMax, Value = (ulong)bytes,
        };
    }
}
