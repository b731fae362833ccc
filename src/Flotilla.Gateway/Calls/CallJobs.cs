using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Calls;

/// <summary>The jobs of a call whose job was named beforehand: where it asks several models, each has an id made from that name and its place, so that the ledger can be asked for all of them.</summary>
internal static class CallJobs
{
    // All models of an ensemble, and its judge.
    private const int PlacesMax = OpenAiLimits.EnsembleModelsMax + 1;
    private const int TimeDigits = 12;
    private const int Digits = 32;

    /// <summary>The id of the job at a place, from 0; the first one has the name itself.</summary>
    public static JobId At(JobId named, int place)
    {
        if (place == 0)
            return named;
        // Ids begin with the time: those of one call lie together in an index.
        var digest = SHA256.HashData(Encoding.ASCII.GetBytes($"{named.Value}/{place}"));
        return new JobId(string.Concat(named.Value.AsSpan(0, JobId.Prefix.Length + TimeDigits), Convert.ToHexStringLower(digest).AsSpan(0, Digits - TimeDigits)));
    }

    /// <summary>The jobs that the call made; none may be at the first place, where that model was refused.</summary>
    public static Task<IReadOnlyList<JobRecord>> FindAsync(LedgerStore ledger, JobId named, NamespaceId owner) =>
        ledger.Jobs.FindAsync([.. Enumerable.Range(0, PlacesMax).Select(place => At(named, place))], owner);
}
