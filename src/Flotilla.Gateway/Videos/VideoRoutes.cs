using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Flotilla.Gateway.Videos;

/// <summary><c>/v1/videos/generations</c>, as FlexAI has it, and <c>/v1/videos</c>, as OpenAI has it: the same videos in two shapes. A namespace sees its own alone.</summary>
internal sealed class VideoRoutes(InferencePipeline pipeline, Authenticate authenticate, Resolve resolve, VideoJobs jobs, Namespaces namespaces, DrainGate gate, GatewayOptions options)
{
    private const string Encoded = "b64_json";

    // A multiple of three, so that no piece but the last is padded.
    private const int EncodedAtOnce = 3 * 16 * 1024;

    private static readonly VideoShape<VideoGenerationView> Generations = new(
        VideoGenerationView.Path, VideoGenerationView.Of, VideoJson.Default.VideoGenerationView, VideoJson.Default.ListPageVideoGenerationView, "video.generation");

    private static readonly VideoShape<VideoView> OpenAis = new(
        "/v1/videos", VideoView.Of, VideoJson.Default.VideoView, VideoJson.Default.ListPageVideoView, "video.deleted");

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, Generations);
        Map(routes, OpenAis);
        routes.MapPost(Generations.Path + "/{id}/cancel", http => WithOneAsync(http, new QueryFields(http), async job => await WriteAsync(http, Generations, await jobs.CancelAsync(job))));
    }

    private void Map<T>(IEndpointRouteBuilder routes, VideoShape<T> shape)
    {
        routes.MapPost(shape.Path, http => CreateAsync(http, shape));
        routes.MapGet(shape.Path, http => ListAsync(http, shape));
        routes.MapGet(shape.Path + "/{id}", http => ShowAsync(http, shape));
        routes.MapDelete(shape.Path + "/{id}", http => WithOneAsync(http, new QueryFields(http), job => DeleteAsync(http, shape, job)));
        routes.MapGet(shape.Path + "/{id}/content", http => ContentAsync(http));
    }

    private async Task CreateAsync<T>(HttpContext http, VideoShape<T> shape)
    {
        // What was taken in before is made now.
        if (RequestFeature.Of(http).Call is { MayDefer: false })
        {
            await pipeline.RunAsync(http, InferenceEndpoint.VideoGenerations);
            return;
        }

        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = Refusal(caller)) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        // The same request, done over because its answer was lost.
        var job = jobs.Find(caller.Namespace, VideoJobs.IdOf(RequestFeature.Of(http).Id.Value));
        if (job is null
            && ((await ReadAsync(http)).Failed(out error, out var asked) || (error = NeverServed(asked.Request)) is not null
                || (await jobs.AddAsync(http, caller, asked.Request, asked.Body)).Failed(out error, out job)))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        http.Response.Headers.Location = $"{shape.Path}/{job.Id}";
        await WriteAsync(http, shape, job);
    }

    private ApiError? Refusal(Caller caller)
    {
        if (gate.IsDraining)
            return InferencePipeline.Draining();
        return namespaces.NotesOn(caller.Namespace).Videos ? null : Namespaces.NoVideos();
    }

    /// <summary>Why no waiting would help: a name that nobody knows, or a model that makes no videos.</summary>
    private ApiError? NeverServed(VideoInference request) =>
        resolve.Model(request, NodeWishes.None).Failed(out var error, out _) && error.Status < StatusCodes.Status500InternalServerError ? error : null;

    private static async Task<Result<Asked>> ReadAsync(HttpContext http)
    {
        if (Read.Compressed(http) is { } compressed)
            return compressed;
        if (!http.Request.HasFormContentType)
        {
            var body = await Read.BodyAsync(http);
            return VideoRequestReader.TryRead(body, out var posted) is { } fault ? fault : new Asked(posted!, body);
        }

        if ((await ReadForm.FormAsync(http)).Failed(out var notForm, out var form))
            return notForm;
        return VideoRequestReader.TryRead(form, out var request) is { } wrong ? wrong : new Asked(request!, VideoRequestReader.Write(request!));
    }

    private Task ListAsync<T>(HttpContext http, VideoShape<T> shape)
    {
        var page = new PageQuery(http);
        var isNewestFirst = page.IsNewestFirst();
        return page.AnswerAsync(authenticate, (owner, after, limit) => jobs.List(owner, after, isNewestFirst, limit), job => job.Id, shape.View, shape.Page);
    }

    /// <summary>Finds the video that the path names; waits for it as long as <c>wait</c> says.</summary>
    private async Task WithOneAsync(HttpContext http, QueryFields query, Func<VideoJob, Task> answer)
    {
        var wait = query.Integer("wait", 0, (int)GatewayLimits.LongPollMax.TotalSeconds, 0);
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = query.Error) is not null)
            await ErrorResponse.WriteAsync(http, error);
        else if (await jobs.FindAsync(caller.Namespace, (string)http.Request.RouteValues["id"]!, TimeSpan.FromSeconds(wait), http.RequestAborted) is { } job)
            await answer(job);
        else
            await ErrorResponse.WriteAsync(http, Gone());
    }

    private Task ShowAsync<T>(HttpContext http, VideoShape<T> shape)
    {
        var query = new QueryFields(http);
        var isEncoded = query.Word("include", "nothing", Encoded) == Encoded;
        return WithOneAsync(http, query, job => isEncoded && job.Status == VideoStatus.Completed ? WriteEncodedAsync(http, shape, job) : WriteAsync(http, shape, job));
    }

    /// <summary>The object with one member more, the file in base64; no more of it is in memory than a piece.</summary>
    private async Task WriteEncodedAsync<T>(HttpContext http, VideoShape<T> shape, VideoJob job)
    {
        await using var content = jobs.Content(job);
        if (content is null)
        {
            await ErrorResponse.WriteAsync(http, Gone());
            return;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(shape.View(job), shape.One);
        http.Response.ContentType = "application/json";
        var output = http.Response.BodyWriter;
        output.Write(json.AsSpan(0, json.Length - 1));
        output.Write(",\"b64_json\":\""u8);
        var piece = ArrayPool<byte>.Shared.Rent(EncodedAtOnce);
        try
        {
            for (int read; (read = await content.ReadAtLeastAsync(piece.AsMemory(0, EncodedAtOnce), EncodedAtOnce, throwOnEndOfStream: false, http.RequestAborted)) > 0;)
            {
                Base64.EncodeToUtf8(piece.AsSpan(0, read), output.GetSpan(Base64.GetMaxEncodedToUtf8Length(read)), out _, out var written);
                output.Advance(written);
                await output.FlushAsync(http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        output.Write("\"}"u8);
        await output.FlushAsync(http.RequestAborted);
    }

    private Task ContentAsync(HttpContext http)
    {
        var query = new QueryFields(http);
        query.Word("variant", "video");
        return WithOneAsync(http, query, job => ContentAsync(http, job));
    }

    private async Task ContentAsync(HttpContext http, VideoJob job)
    {
        if (NotThere(job) is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (jobs.Content(job) is not { } content)
        {
            await ErrorResponse.WriteAsync(http, Gone());
            return;
        }

        // The bytes are a node's: no browser shall take them for a page of ours.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        // A video is never changed, so its id names its bytes. Players ask for parts of it, and close what they are given.
        await TypedResults.Stream(
            content, Answers.VideoAnswer.MediaType, $"{job.Id}.mp4", DateTimeOffset.FromUnixTimeMilliseconds(job.Row.FinishedMs!.Value), new EntityTagHeaderValue($"\"{job.Id}\""), enableRangeProcessing: true).ExecuteAsync(http);
        // What is refused has no body yet.
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            await ErrorResponse.WriteAsync(http, Unfit(http));
        }
    }

    private static ApiError Unfit(HttpContext http) => http.Response.StatusCode == StatusCodes.Status416RangeNotSatisfiable
        ? new ApiError(ApiErrorCode.RangeNotSatisfiable, $"The video has no byte of the range '{http.Request.Headers.Range}'; the header Content-Range says how many it has.")
        : new ApiError(ApiErrorCode.PreconditionFailed, "The video is not the one that If-Match or If-Unmodified-Since names.");

    private async Task DeleteAsync<T>(HttpContext http, VideoShape<T> shape, VideoJob job)
    {
        await jobs.DeleteAsync(job);
        await JsonAnswer.WriteAsync(http, new DeletedView(job.Id, shape.Deleted), VideoJson.Default.DeletedView);
    }

    private static ApiError? NotThere(VideoJob job) => job.Status == VideoStatus.Completed
        ? null
        : new ApiError(ApiErrorCode.InvalidRequest, $"The video is {job.Status.ToString().ToLowerInvariant()}; only a completed one has content.", "id");

    private ApiError Gone() => new(
        ApiErrorCode.JobNotFound, string.Create(CultureInfo.InvariantCulture, $"There is no video of this id in your namespace; they are kept for {options.VideosKept.TotalHours} hours after they are made."), "id");

    private static Task WriteAsync<T>(HttpContext http, VideoShape<T> shape, VideoJob job)
    {
        if (job.IsOpen)
            http.Response.Headers["openai-poll-after-ms"] = GatewayLimits.PollAfterMilliseconds.ToString(CultureInfo.InvariantCulture);
        return JsonAnswer.WriteAsync(http, shape.View(job), shape.One);
    }

    private sealed record Asked(VideoInference Request, byte[] Body);
}
