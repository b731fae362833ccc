using System.IO.Pipelines;
using Flotilla.Core;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Stages;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>A request that this gateway makes to itself, for a caller whom it knows already.</summary>
internal sealed record InternalCall
{
    /// <summary>A route of this gateway, such as <c>/v1/chat/completions</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The query, with its question mark; empty where there is none.</summary>
    public string Query { get; init; } = "";

    /// <summary>The body; whoever takes it in holds it to its limits.</summary>
    public required PipeReader Body { get; init; }

    /// <summary>Who asks and pays; stands in for a bearer key.</summary>
    public required Caller Caller { get; init; }

    /// <summary>What the body is.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>HTTP method.</summary>
    public string Method { get; init; } = HttpMethods.Post;

    /// <summary>Further headers, where the caller sent some that matter.</summary>
    public IHeaderDictionary? Headers { get; init; }

    /// <summary>Whether the call stands for a client's own request as it came, so that it may be answered later where the client asked for that.</summary>
    public bool MayDefer { get; init; }

    /// <summary>The request that this call is a part of; null draws a new id.</summary>
    public RequestId? Request { get; init; }

    /// <summary>Whose token limits the call's jobs count against; null where whoever calls paces them otherwise.</summary>
    public Turn? Turn { get; init; }

    /// <summary>The id of the job that the call causes, where somebody must be able to ask the ledger for it after a crash; null draws one. Good for one call; of several models each has one made from it (<see cref="CallJobs"/>).</summary>
    public JobId? Job { get; init; }

    /// <summary>Where an answer goes that is a file, such as a video; it has an empty body then. Null where the route has no such answers.</summary>
    public AnswerFile? AnswerFile { get; init; }
}
