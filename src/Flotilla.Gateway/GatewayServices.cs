using Flotilla.Gateway.Admin;
using Flotilla.Gateway.Batches;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Ensembles;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Outbound;
using Flotilla.Gateway.Responses;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Videos;
using Flotilla.Gateway.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Gateway;

/// <summary>Who gets whom; everything lives as long as the gateway.</summary>
internal static class GatewayServices
{
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddSingleton<DrainGate>()
        .AddSingleton<RequestMiddleware>()
        .AddSingleton<JobHeaders>()
        .AddSingleton<InternalCalls>()
        .AddSingleton<Callers>()
        .AddSingleton<OutboundRules>()
        .AddSingleton<OutboundClient>()
        .AddSingleton<FleetRoom>()
        .AddSingleton<WebhookTable>()
        .AddSingleton<DeliveryTable>()
        .AddSingleton<WebhookBook>()
        .AddSingleton<LedgerTail>()
        .AddSingleton<Courier>()
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookRoutes>()
        .AddKept()
        .AddSingleton<Housekeeping>()
        .AddSingleton<BackgroundWork>()
        .AddSingleton<InferencePipeline>()
        .AddSingleton<Authenticate>()
        .AddSingleton<KeyLimitBook>()
        .AddSingleton<Limit>()
        .AddSingleton<AnswerBook>()
        .AddSingleton<Repeat>()
        .AddSingleton<Namespaces>()
        .AddSingleton<Attach>()
        .AddSingleton<Resolve>()
        .AddSingleton<Guard>()
        .AddSingleton<Fetch>()
        .AddSingleton<Place>()
        .AddSingleton<Hold>()
        .AddSingleton<Reserve>()
        .AddSingleton<Roll>()
        .AddSingleton<Parts>()
        .AddSingleton<FallbackEnsemble>()
        .AddSingleton<ParallelEnsemble>()
        .AddSingleton<FramesFirst>()
        .AddSingleton<Dispatch>()
        .AddSingleton<Relay>()
        .AddSingleton<Settle>()
        .AddSingleton<InferenceRoutes>()
        .AddSingleton<ResponseTable>()
        .AddSingleton<KeptItems>()
        .AddSingleton<ResponseKeeper>()
        .AddSingleton<BackgroundResponses>()
        .AddSingleton<ResponseRoutes>()
        .AddSingleton<TokenCounts>()
        .AddSingleton<ModelFacts>()
        .AddSingleton<ModelRoutes>()
        .AddSingleton<CatalogRoutes>()
        .AddSingleton<JobRoutes>()
        .AddSingleton<AccountViewRoutes>()
        .AddSingleton<HealthRoutes>()
        .AddSingleton<AdminHttp>()
        .AddSingleton<AccountRoutes>()
        .AddSingleton<FleetRoutes>()
        .AddNodeLink();

    /// <summary>What outlives the request that asked for it: requests answered later, videos, files and batches.</summary>
    private static IServiceCollection AddKept(this IServiceCollection services) => services
        .AddSingleton<DeferredTable>()
        .AddSingleton<RequestEvents>()
        .AddSingleton<DeferredRun>()
        .AddSingleton<DeferredQueue>()
        .AddSingleton<DeferredViews>()
        .AddSingleton<DeferredDoor>()
        .AddSingleton<RequestRoutes>()
        .AddSingleton<VideoJobs>()
        .AddSingleton<VideoRoutes>()
        .AddSingleton<FileTable>()
        .AddSingleton<FileRoutes>()
        .AddSingleton<BatchTable>()
        .AddSingleton<BatchTools>()
        .AddSingleton<BatchRunner>()
        .AddSingleton<BatchRoutes>();
}
