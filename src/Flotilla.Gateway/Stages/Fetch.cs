using Flotilla.Gateway.Outbound;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>Files that a request names by their URLs become part of it: whatever comes after sees bytes, and no node is sent anywhere.</summary>
/// <remarks>Before a hold, and each URL once for a request, however many models and nodes are asked.</remarks>
internal sealed class Fetch(OutboundRules rules, OutboundClient client, TimeProvider time)
{
    private const string Setting = "media_hosts";

    private static readonly string TooLarge = $"it is too large: with its files in it, a request may have {GatewayLimits.BodyBytesMax} bytes, and base64 makes 4 of 3";

    /// <summary>Why the files cannot be fetched, as far as their URLs tell; null where they can. Costs nothing.</summary>
    public ApiError? Refuse(InferenceRequest request)
    {
        foreach (var file in request.RemoteFiles)
        {
            if (!rules.AllowsMedia)
            {
                return new ApiError(
                    ApiErrorCode.UnsupportedField,
                    $"'{file.Param}' is the URL of {Article(file)} {file.Kind.Noun}, and this gateway fetches none. Send its bytes as a 'data:{file.Kind.MediaType};base64,…' URL; or its operator names the hosts to fetch from (setting {Setting}).",
                    file.Param);
            }

            if (OutboundUrl.Read(file.Url, rules, out var fault) is not { } url)
                return new ApiError(file.Kind.Code, $"'{file.Param}' {fault}", file.Param);
            if (!rules.AllowsMediaHost(url.Address.Host))
            {
                return new ApiError(
                    file.Kind.Code,
                    $"'{file.Param}' has the host '{url.Address.Host}', which is not among those that this gateway fetches {file.Kind.Noun}s from (setting {Setting}). Send the bytes as a 'data:{file.Kind.MediaType};base64,…' URL.",
                    file.Param);
            }
        }

        return null;
    }

    /// <summary>Fetches the files and puts them in their places.</summary>
    /// <returns>Null, or why one could not be had; then the request is as it was.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async ValueTask<ApiError?> FilesAsync(HttpContext http, InferenceRequest request)
    {
        if (request.RemoteFiles.Count == 0)
            return null;
        if (http.Features.Get<FetchedFiles>() is not { } fetched)
        {
            fetched = new FetchedFiles(request, GatewayLimits.BodyBytesMax);
            http.Features.Set(fetched);
            await FetchAsync(fetched, request, http.RequestAborted);
        }

        if (fetched.Error is { } error)
            return error;
        request.Place(fetched.DataUrlOf);
        return null;
    }

    private async Task FetchAsync(FetchedFiles fetched, InferenceRequest request, CancellationToken aborted)
    {
        using var late = new CancellationTokenSource(GatewayLimits.FetchTime, time);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token);
        var files = request.RemoteFiles.DistinctBy(i => i.Url, StringComparer.Ordinal);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = GatewayLimits.FetchesAtOnceMax, CancellationToken = stopped.Token };
        try
        {
            await Parallel.ForEachAsync(files, limits, async (file, ct) =>
            {
                if (await FetchAsync(fetched, request, file, ct) is not { } error)
                    return;
                fetched.Fail(error);
                // One that is missing decides for all.
                await stopped.CancelAsync();
            });
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            var kind = request.RemoteFiles[0].Kind;
            fetched.Fail(new ApiError(kind.Code, $"The {kind.Noun}s that the request names by their URLs did not come within {GatewayLimits.FetchTime.TotalSeconds} s."));
        }
    }

    private async Task<ApiError?> FetchAsync(FetchedFiles fetched, InferenceRequest request, RemoteFile file, CancellationToken ct)
    {
        var room = fetched.RoomFor(file.Url);
        if (room <= 0)
            return Fault(file, TooLarge);
        // The URL was read before, by the same rules.
        var url = OutboundUrl.Read(file.Url, rules, out _)!;
        if ((await client.GetAsync(url, room, ct)).Failed(out var fault, out var answer))
            return Fault(file, Words(fault));
        if (answer.Status != StatusCodes.Status200OK)
            return Fault(file, $"its host answered with the status {answer.Status}{(answer.Status is >= 300 and < 400 ? ", and redirects are not followed" : "")}");
        // One URL may stand for a picture here and a file there: each place decides what it may be.
        var dataUrl = "";
        foreach (var kind in request.RemoteFiles.Where(f => f.Url == file.Url).Select(f => f.Kind).Distinct())
        {
            dataUrl = kind.DataUrl(answer.Body, out var wrong);
            if (wrong is not null)
                return Fault(file, $"what is there {wrong}");
        }

        return fetched.TryKeep(file.Url, dataUrl) ? null : Fault(file, TooLarge);
    }

    private static string Article(RemoteFile file) => file.Kind == RemoteKind.Image ? "an" : "a";

    private static ApiError Fault(RemoteFile file, string why) =>
        new(file.Kind.Code, $"The {file.Kind.Noun} at '{file.Param}' could not be fetched: {why}.", file.Param);

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
