using System.Globalization;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway;

/// <summary>The headers of a response that has a job: its id and signed hold from the start, the settlement where it is known in time.</summary>
internal sealed class JobHeaders(GatewayOptions options)
{
    private const string Own = "x-flotilla-";
    private const string Compat = "x-decentral-";
    private const string Deprecation = "Deprecation";
    private const string Sunset = "Sunset";

    /// <summary>Money is reserved: the job has a name and the hold a signature.</summary>
    public void Held(HttpResponse response, HeldJob job)
    {
        Add(response, "job-id", job.Id.Value);
        Add(response, "tx-signature", job.HoldSignature);
        response.Headers[Own + "hold"] = job.HoldText;
        // An earlier model, which another one stands in for now, may have left its own.
        response.Headers.Remove(Deprecation);
        response.Headers.Remove(Sunset);
        if (job.Model.Notes is { } notes)
            Deprecated(response, notes);
    }

    /// <summary>When the model's end was announced (RFC 9745), and when it comes (RFC 8594).</summary>
    public static void Deprecated(HttpResponse response, ModelNotes notes)
    {
        if (notes.NoticeDate is { } notice)
            response.Headers[Deprecation] = string.Create(CultureInfo.InvariantCulture, $"@{Midnight(notice).ToUnixTimeSeconds()}");
        if (notes.ShutdownDate is { } end)
            response.Headers[Sunset] = Midnight(end).ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>No node can grant these wishes: the answer is a JSON object, but not held to the schema, or the model thinks as much as it does by itself.</summary>
    public static void FellBack(HttpResponse response, IEnumerable<RequestNeed> wishes)
    {
        foreach (var wish in wishes)
        {
            if (wish.Capability == Capability.ReasoningEffort)
                response.Headers[Own + "reasoning-effort"] = "default";
            else
                response.Headers[Own + "response-format"] = "json_object";
        }
    }

    /// <summary>The job is settled. A stream's headers have left by then; its client asks <c>GET /v1/jobs/{id}</c>.</summary>
    public void Settled(HttpResponse response, Settled settled)
    {
        if (!response.HasStarted)
            Add(response, "settlement-tx", settled.Signature);
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    private void Add(HttpResponse response, string name, string value)
    {
        response.Headers[Own + name] = value;
        if (options.CompatDecentralHeaders)
            response.Headers[Compat + name] = value;
    }
}
