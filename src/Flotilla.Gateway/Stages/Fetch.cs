using Flotilla.Gateway.Outbound;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>Images that a request names by their URLs become part of it: whatever comes after sees bytes, and no node is sent anywhere.</summary>
/// <remarks>Before a hold, and each URL once for a request, however many models and nodes are asked.</remarks>
internal sealed class Fetch(OutboundRules rules, OutboundClient client, TimeProvider time)
{
    private const string Setting = "media_hosts";

    private static readonly string TooLarge = $"it is too large: with its images in it, a request may have {GatewayLimits.BodyBytesMax} bytes, and base64 makes 4 of 3";

    /// <summary>Why the images cannot be fetched, as far as their URLs tell; null where they can. Costs nothing.</summary>
    public ApiError? Refuse(InferenceRequest request)
    {
        foreach (var image in request.RemoteImages)
        {
            if (!rules.AllowsMedia)
            {
                return new ApiError(
                    ApiErrorCode.UnsupportedField,
                    $"'{image.Param}' is the URL of an image, and this gateway fetches none. Send its bytes as a 'data:image/…;base64,…' URL; or its operator names the hosts to fetch from (setting {Setting}).",
                    image.Param);
            }

            if (OutboundUrl.Read(image.Url, rules, out var fault) is not { } url)
                return new ApiError(ApiErrorCode.InvalidImageUrl, $"'{image.Param}' {fault}", image.Param);
            if (!rules.AllowsMediaHost(url.Address.Host))
            {
                return new ApiError(
                    ApiErrorCode.InvalidImageUrl,
                    $"'{image.Param}' has the host '{url.Address.Host}', which is not among those that this gateway fetches images from (setting {Setting}). Send the bytes as a 'data:image/…;base64,…' URL.",
                    image.Param);
            }
        }

        return null;
    }

    /// <summary>Fetches the images and puts them in their places.</summary>
    /// <returns>Null, or why one could not be had; then the request is as it was.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async ValueTask<ApiError?> ImagesAsync(HttpContext http, InferenceRequest request)
    {
        if (request.RemoteImages.Count == 0)
            return null;
        if (http.Features.Get<FetchedImages>() is not { } fetched)
        {
            fetched = new FetchedImages(request, GatewayLimits.BodyBytesMax);
            http.Features.Set(fetched);
            await FetchAsync(fetched, request, http.RequestAborted);
        }

        if (fetched.Error is { } error)
            return error;
        foreach (var image in request.Images)
            image.Url = fetched.DataUrlOf(image.Url) ?? image.Url;
        return null;
    }

    private async Task FetchAsync(FetchedImages fetched, InferenceRequest request, CancellationToken aborted)
    {
        using var late = new CancellationTokenSource(GatewayLimits.FetchTime, time);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token);
        var urls = request.RemoteImages.DistinctBy(i => i.Url, StringComparer.Ordinal);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = GatewayLimits.FetchesAtOnceMax, CancellationToken = stopped.Token };
        try
        {
            await Parallel.ForEachAsync(urls, limits, async (image, ct) =>
            {
                if (await FetchAsync(fetched, image, ct) is not { } error)
                    return;
                fetched.Fail(error);
                // One that is missing decides for all.
                await stopped.CancelAsync();
            });
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            fetched.Fail(new ApiError(ApiErrorCode.InvalidImageUrl, $"The images that the request names by their URLs did not come within {GatewayLimits.FetchTime.TotalSeconds} s."));
        }
    }

    private async Task<ApiError?> FetchAsync(FetchedImages fetched, RemoteImage image, CancellationToken ct)
    {
        var room = fetched.RoomFor(image.Url);
        if (room <= 0)
            return Fault(image, TooLarge);
        // The URL was read before, by the same rules.
        var url = OutboundUrl.Read(image.Url, rules, out _)!;
        if ((await client.GetAsync(url, room, ct)).Failed(out var fault, out var answer))
            return Fault(image, Words(fault));
        if (answer.Status != StatusCodes.Status200OK)
            return Fault(image, $"its host answered with the status {answer.Status}{(answer.Status is >= 300 and < 400 ? ", and redirects are not followed" : "")}");
        if (ImageHeader.Fault(answer.Body.Span, out var header) is { } wrong)
            return Fault(image, $"what is there {wrong}");
        return fetched.TryKeep(image.Url, header.DataUrl(answer.Body.Span)) ? null : Fault(image, TooLarge);
    }

    private static ApiError Fault(RemoteImage image, string why) =>
        new(ApiErrorCode.InvalidImageUrl, $"The image at '{image.Param}' could not be fetched: {why}.", image.Param);

    private static string Words(OutboundFault fault) => fault switch
    {
        OutboundFault.AddressRefused => "its host's address is not one that this gateway may call",
        OutboundFault.Unreachable => "its host could not be reached",
        OutboundFault.NotSecure => "its host has no certificate that is valid for it",
        OutboundFault.TimedOut => $"it did not come within {OutboundLimits.CallTime.TotalSeconds} s",
        OutboundFault.TooLarge => TooLarge,
        _ => "its host gave no whole answer",
    };
}
