using System.Collections.Immutable;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>What a node last advertised; immutable.</summary>
/// <param name="Region">NA, EU, SEA, ME, SA or empty.</param>
/// <param name="Models">By name.</param>
internal sealed record Advertised(string Region, ImmutableDictionary<string, AdvertisedModel> Models)
{
    /// <summary>The state before the first Advertise.</summary>
    public static Advertised Nothing { get; } = new(string.Empty, ImmutableDictionary.Create<string, AdvertisedModel>(StringComparer.Ordinal));

    /// <summary>Null when the frame is within bounds; else what is wrong.</summary>
    public static string? Check(Advertise frame)
    {
        if (frame.Slots is 0 or > LinkLimits.SlotsMax)
            return $"an Advertise with {frame.Slots} slots; 1 to {LinkLimits.SlotsMax} are allowed";
        if (frame.Region.Length > 0 && !Regions.All.Contains(frame.Region))
            return $"an Advertise with a region that is none of {string.Join(", ", Regions.All)}";
        if (frame.Models.Count > LinkLimits.ModelsMax)
            return $"an Advertise with {frame.Models.Count} models; the limit is {LinkLimits.ModelsMax}";
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in frame.Models)
        {
            if (Check(model) is { } wrong)
                return wrong;
            if (!names.Add(model.Name))
                return $"an Advertise that names the model {model.Name} twice";
        }

        return null;
    }

    /// <summary>The state after a checked frame. Models that are the same as before and admitted stay so; all others wait for their test.</summary>
    public Advertised With(Advertise frame)
    {
        var models = frame.Models.Select(ModelOffer.From).Select(offer =>
            Models.GetValueOrDefault(offer.Name) is { State: not AdmissionState.Refused } before && before.Offer.SameAs(offer)
                ? before
                : new AdvertisedModel(offer, AdmissionState.Waiting, "its test job has not ended yet"));
        return new Advertised(frame.Region, models.ToImmutableDictionary(m => m.Offer.Name, StringComparer.Ordinal));
    }

    /// <summary>The state after a test; unchanged when the model was withdrawn or replaced meanwhile.</summary>
    public Advertised With(ModelOffer tested, AdmissionState state, string reason) =>
        Models.GetValueOrDefault(tested.Name) is { } entry && ReferenceEquals(entry.Offer, tested)
            ? this with { Models = Models.SetItem(tested.Name, entry with { State = state, Reason = reason }) }
            : this;

    private static string? Check(Model model)
    {
        if (!LinkNames.IsName(model.Name))
            return $"a model whose name is not 1 to {LinkLimits.NameCharsMax} characters of [A-Za-z0-9._:/@+-]";
        if (!LinkNames.IsName(model.Runtime))
            return $"the model {model.Name} with a runtime that is no name";
        if (model.ContextTokens > LinkLimits.ContextTokensMax)
            return $"the model {model.Name} with a context of {model.ContextTokens} tokens; the limit is {LinkLimits.ContextTokensMax}";
        if (model.AdmissionSeconds > LinkLimits.AdmissionSecondsMax)
            return $"the model {model.Name} whose test job may take {model.AdmissionSeconds} s; the limit is {LinkLimits.AdmissionSecondsMax}";
        if (model.Capabilities.Count > NodeLimits.CapabilitiesMax || !model.Capabilities.All(c => LinkNames.IsName(c)))
            return $"the model {model.Name} with more than {NodeLimits.CapabilitiesMax} capabilities, or one that is no name";
        if (model.Voices.Count > LinkLimits.VoicesMax || !model.Voices.All(v => LinkNames.IsName(v)))
            return $"the model {model.Name} with more than {LinkLimits.VoicesMax} voices, or one that is no name";
        if (!IsDigest(model.ModelDigest) || !IsDigest(model.TokenizerDigest) || !IsDigest(model.TemplateDigest))
            return $"the model {model.Name} with a digest that is not 64 lower-case hexadecimal digits";
        return IsOptionalName(model.NumericsId) && IsOptionalName(model.RuntimeVersion)
            ? null
            : $"the model {model.Name} with a numerics id or runtime version that is no name";
    }

    private static bool IsDigest(string text) => text.Length == 0 || NodeText.IsSha256(text);

    private static bool IsOptionalName(string text) => text.Length == 0 || LinkNames.IsName(text);
}
