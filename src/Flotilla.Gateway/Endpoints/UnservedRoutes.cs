using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Parts of OpenAI's API that Flotilla does not have: told so in so many words, where a 404 would look like a wrong base URL.</summary>
internal static class UnservedRoutes
{
    /// <summary>Path, with everything below it → what it is called.</summary>
    private static readonly (string Path, string Name)[] Families =
    [
        ("/v1/fine_tuning", "Fine-tuning"),
        ("/v1/fine-tuning", "Fine-tuning"),
        ("/v1/assistants", "The Assistants API"),
        ("/v1/threads", "The Assistants API"),
        ("/v1/runs", "The Assistants API"),
        ("/v1/vector_stores", "Vector stores"),
        ("/v1/uploads", "Uploads in parts"),
        ("/v1/realtime", "The Realtime API"),
        ("/v1/evals", "Evals"),
        ("/v1/containers", "Containers"),
        ("/v1/videos/characters", "Characters of videos"),
        ("/v1/videos/edits", "Editing a video"),
        ("/v1/videos/extensions", "Extending a video"),
        ("/v1/videos/{id}/remix", "Remixing a video"),
        ("/v1/conversations", "The Conversations API"),
        ("/v1/webhook_endpoints", "The administration of webhooks under this path (POST /v1/webhooks makes one)"),
        ("/v1/organization", "The organization's administration API"),
    ];

    private static readonly string[] StoredMethods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, name) in Families)
            routes.Map(path + "/{**rest}", Answer(name)).WithMetadata(NotServed.Instance);
        routes.MapGet("/v1/chat/completions", Answer("The list of stored chat completions")).WithMetadata(NotServed.Instance);
        routes.MapMethods("/v1/chat/completions/{id}/{messages?}", StoredMethods, Answer("Stored chat completions")).WithMetadata(NotServed.Instance);
    }

    private static RequestDelegate Answer(string name) => http => ErrorResponse.WriteAsync(http, new ApiError(
        ApiErrorCode.NotImplemented, $"{name} is not a part of Flotilla; docs/compatibility.md lists what is served.")).AsTask();

    /// <summary>Marks the routes that only say no, for whoever lists the API.</summary>
    internal sealed class NotServed
    {
        public static NotServed Instance { get; } = new();
    }
}
