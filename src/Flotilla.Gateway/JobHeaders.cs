using Flotilla.Gateway.Stages;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway;

/// <summary>The headers of a response that has a job: its id and signed hold from the start, the settlement where it is known in time.</summary>
internal sealed class JobHeaders(GatewayOptions options)
{
    private const string Own = "x-flotilla-";
    private const string Compat = "x-decentral-";

    /// <summary>Money is reserved: the job has a name and the hold a signature.</summary>
    public void Held(HttpResponse response, HeldJob job)
    {
        Add(response, "job-id", job.Id.Value);
        Add(response, "tx-signature", job.HoldSignature);
    }

    /// <summary>The answer is a JSON object, but not held to the schema that was wished for: no node can do that.</summary>
    public static void FellBack(HttpResponse response) => response.Headers[Own + "response-format"] = "json_object";

    /// <summary>The job is settled. A stream's headers have left by then; its client asks <c>GET /v1/jobs/{id}</c>.</summary>
    public void Settled(HttpResponse response, Settled settled)
    {
        if (!response.HasStarted)
            Add(response, "settlement-tx", settled.Signature);
    }

    private void Add(HttpResponse response, string name, string value)
    {
        response.Headers[Own + name] = value;
        if (options.CompatDecentralHeaders)
            response.Headers[Compat + name] = value;
    }
}
