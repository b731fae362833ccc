using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Endpoints;

/// <summary>What is known of a model, from the fleet, the price table and the operator; what nobody knows is left out.</summary>
internal sealed class ModelFacts(GatewayOptions options, LedgerStore ledger, NodeDirectory nodes, TrackRecords records, TimeProvider time)
{
    // Decentral's "credits_per_request" covers an answer of about this length.
    private const long TokensPerRequest = 500;
    private const long UnitsPerThousand = 1_000;

    private static readonly HashSet<string> TextCapabilities = [.. JobKind.Every.Where(k => k.Unit == JobKind.Tokens).SelectMany(k => k.Capabilities)];

    /// <summary>Whether it belongs into the list of models: media have the catalog alone. A node that names no capability is not shut out for it.</summary>
    public bool IsListed(FleetSnapshot fleet, string name) =>
        fleet.Offers(name).Any(o => o.Capabilities.Count == 0 || o.Capabilities.Overlaps(TextCapabilities)) && !IsShutDown(name);

    /// <summary>Whether its last day is over.</summary>
    public bool IsShutDown(string name) => NotesOn(name)?.IsShutDown(time.GetUtcNow()) ?? false;

    /// <summary>What the operator says of it.</summary>
    public ModelNotes? NotesOn(string model) => options.Models.GetValueOrDefault(model);

    /// <summary>A served model, as the list of models shows it.</summary>
    public ModelRow Row(FleetSnapshot fleet, string name, bool withAliases)
    {
        var offers = fleet.Offers(name);
        var notes = NotesOn(name);
        var price = ledger.Prices.Current.For(name);
        var kind = Kinds(offers).FirstOrDefault(JobKind.Text);
        var decentral = new DecentralModel(
            offers.Count,
            kind == JobKind.Text ? price.Cost(0, 0, TokensPerRequest) : null,
            kind.IsOutputPaid ? price.Cost(0, 0, UnitsPerThousand) : price.Cost(UnitsPerThousand, 0, 0),
            WaitMs(name),
            notes?.Tier,
            notes?.Parameters,
            kind.Unit);
        return new ModelRow(
            name, Created(fleet, name) ?? 0, ModelListWriter.Owner, withAliases ? Aliases(name) : [], Resolve.ContextOf(offers), Capabilities(offers), decentral,
            notes?.IsDeprecated(time.GetUtcNow()) ?? false, notes?.ShutdownDate);
    }

    /// <summary>Every model that is served or known, in ordinal order.</summary>
    public IEnumerable<CatalogModel> Catalog(string? region)
    {
        var fleet = nodes.Snapshot;
        return fleet.Models.Concat(fleet.Gone).Concat(ledger.Prices.Current.All.Keys).Concat(options.Aliases.Values).Concat(options.Models.Keys)
            .Where(name => name != PriceTable.AnyModel && fleet.IsIn(name, region))
            .Distinct().Order(StringComparer.Ordinal).Select(name => Entry(fleet, name));
    }

    private CatalogModel Entry(FleetSnapshot fleet, string name)
    {
        var offers = fleet.Offers(name);
        var price = ledger.Prices.Current.For(name);
        var notes = NotesOn(name);
        return new CatalogModel
        {
            Id = name,
            Created = Created(fleet, name),
            OwnedBy = ModelListWriter.Owner,
            Aliases = Aliases(name),
            Capabilities = Capabilities(offers),
            Voices = [.. offers.SelectMany(o => o.Voices).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            ContextWindow = offers.Select(o => o.ContextTokens).DefaultIfEmpty().Max() is var context and > 0 ? context : null,
            Runtimes = [.. offers.Select(o => o.Runtime).Distinct().Order(StringComparer.Ordinal)],
            Regions = [.. fleet.Serving(name).Select(n => n.Region).Where(r => r.Length > 0).Distinct().Order(StringComparer.Ordinal)],
            Prices = new CatalogPrices(price.InputPerMillion.ToString(), price.CachedInputPerMillion.ToString(), price.OutputPerMillion.ToString(), $"credits per million {Units(offers)}"),
            Health = Health(fleet, name),
            Recommended = notes?.Recommended ?? false,
            Deprecated = notes?.IsDeprecated(time.GetUtcNow()) ?? false,
            NoticeDate = notes?.NoticeDate,
            ShutdownDate = notes?.ShutdownDate,
            Tier = notes?.Tier,
            Parameters = notes?.Parameters,
        };
    }

    private CatalogHealth Health(FleetSnapshot fleet, string name)
    {
        var serving = fleet.Serving(name);
        var busy = serving.Count(n => n.Load >= n.Slots);
        var status = IsShutDown(name) ? "shut_down" : serving.Length == 0 ? "offline" : busy == serving.Length ? "busy" : "available";
        return new CatalogHealth(status, serving.Length, busy, serving.Count(n => records.Of(n.Id).IsEjected), WaitMs(name));
    }

    private long? WaitMs(string name) => records.MedianWait(name) is { } wait ? (long)wait.TotalMilliseconds : null;

    private string[] Aliases(string name) => [.. options.Aliases.Where(a => a.Value == name).Select(a => a.Key).Order(StringComparer.Ordinal)];

    private static string[] Capabilities(IReadOnlyList<ModelOffer> offers) => [.. offers.SelectMany(o => o.Capabilities).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<JobKind> Kinds(IReadOnlyList<ModelOffer> offers) => JobKind.Every.Where(k => offers.Any(o => o.Capabilities.Overlaps(k.Capabilities)));

    /// <summary>What the model's price counts; of a model that nobody serves it is not known, and of one that does several kinds of job it depends on the job.</summary>
    private static string Units(IReadOnlyList<ModelOffer> offers) =>
        Kinds(offers).Select(k => k.Unit).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } units ? string.Join(" or ", units) : "units";

    private static long? Created(FleetSnapshot fleet, string name) => fleet.Since(name)?.ToUnixTimeSeconds();
}
