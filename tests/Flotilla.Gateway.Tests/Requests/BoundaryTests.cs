using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Testing.Api;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Every field of every operation at, beside and beyond its bounds: served, or refused with a 400 that names it, as the document says.</summary>
public sealed class BoundaryTests
{
    private const int AtOnce = 16;
    private const int FaultsShownMax = 60;

    private static readonly RateLimits Unlimited = new(0, 0, 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_field_of_every_body_is_served_within_its_bounds_and_refused_by_name_beyond_them()
    {
        await using var gateway = await StartAsync();
        var contract = await gateway.ContractAsync();
        // Made one after another: some bodies have megabytes.
        var cases = ApiRequests.All(contract).SelectMany(operation => new BoundaryCases(contract, operation).All().Select(one => (operation, one)));
        var faults = new ConcurrentBag<string>();
        var tried = 0;

        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation }, async (pair, _) =>
        {
            var (operation, one) = pair;
            Interlocked.Increment(ref tried);
            using var content = operation.IsForm ? operation.Content(JsonNode.Parse(one.Body)!.AsObject()) : new StringContent(one.Body, Encoding.UTF8, "application/json");
            using var response = await operation.PostAsync(gateway, content);
            if (await FaultAsync(response, one) is { } fault)
                faults.Add($"{operation.Name} {one.Field} = {Shown(one.Value)}: {fault}");
        });

        Assert.True(tried > 2_000, $"{tried} cases");
        Assert.True(faults.IsEmpty, $"{faults.Count} of {tried}:\n{string.Join('\n', faults.Order(StringComparer.Ordinal).Take(FaultsShownMax))}");
        await WhenQuietAsync(gateway);
    }

    [Fact]
    public async Task A_number_that_JSON_does_not_have_is_refused()
    {
        await using var gateway = await StartAsync();
        foreach (var operation in ApiRequests.All(await gateway.ContractAsync()).Where(one => !one.IsForm))
        {
            using var response = await gateway.PostAsync(operation.Path, $"{operation.Example().ToJsonString()[..^1]},\"temperature\":NaN}}");
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{operation.Name}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Every_parameter_of_every_query_is_served_within_its_bounds_and_refused_by_name_beyond_them()
    {
        await using var gateway = await StartAsync();
        var tried = 0;
        foreach (var (name, operation) in (await gateway.ContractAsync()).Operations.Where(one => one.Name.StartsWith("GET", StringComparison.Ordinal)))
        {
            var path = name.Split(' ')[1].Replace("{id}", "no-such-thing", StringComparison.Ordinal);
            foreach (var (parameter, value, fits) in Parameters(operation, "query"))
            {
                using var response = await gateway.GetAsync($"{path}?{parameter}={Uri.EscapeDataString(value)}");
                var fault = await FaultAsync(response, new BoundaryCase(parameter, value, "", fits));
                Assert.True(fault is null, $"{name} {parameter} = {Shown(value)}: {fault}");
                tried++;
            }
        }

        Assert.True(tried > 80, $"{tried} cases");
    }

    [Fact]
    public async Task Every_header_of_inference_is_served_within_its_bounds_and_refused_by_name_beyond_them()
    {
        await using var gateway = await StartAsync();
        foreach (var operation in ApiRequests.All(await gateway.ContractAsync()).Where(one => one.IsInference && !one.IsForm))
        {
            var (_, described) = (await gateway.ContractAsync()).Operations.Single(one => one.Name == operation.Name);
            // White space around a header's value is no part of it.
            foreach (var (header, value, fits) in Parameters(described, "header").Where(one => one.Value.Length > 0 && one.Value == one.Value.Trim()))
            {
                // One key is one request.
                var unique = header == "Idempotency-Key" ? $"{value[operation.Path.Length..]}{operation.Path}" : value;
                using var response = await operation.PostAsync(gateway, operation.Content(operation.Example()), ("Prefer", "respond-async"), (header, unique));
                var fault = await FaultAsync(response, new BoundaryCase(header, value, "", fits));
                Assert.True(fault is null, $"{operation.Name} {header} = {Shown(value)}: {fault}");
            }
        }

        await WhenQuietAsync(gateway);
    }

    private static async Task<GatewayFixture> StartAsync()
    {
        var gateway = await GatewayFixture.StartAsync(credits: "100000000", configure: o => o with { KeyLimits = Unlimited, NamespaceLimits = Unlimited });
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything(GatewayFixture.Model), region: "EU");
        return gateway;
    }

    /// <summary>What is wrong with the answer; null where nothing is.</summary>
    private static async Task<string?> FaultAsync(HttpResponseMessage response, BoundaryCase one)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        var status = (int)response.StatusCode;
        if (status is not (200 or 202 or 400 or 404))
            return $"{status}: {Shown(text)}";
        if (status < 400)
            return one.Fits == false ? $"was served with {status}" : null;
        var error = JsonElement.Parse(text).GetProperty("error");
        var isNamed = error.TryGetProperty("param", out var param)
            ? one.IsNamedBy(param.GetString())
            // Anthropic's envelope has the message alone.
            : error.GetProperty("message").GetString()!.Contains(one.Field.Split('.')[0], StringComparison.Ordinal);
        if (one.Fits == true && status == 400 && isNamed)
            return $"was refused: {Shown(text)}";
        return one.Fits == false && !(isNamed && status == 400) ? $"was refused without its name: {status}: {Shown(text)}" : null;
    }

    private static IEnumerable<(string Name, string Value, bool? Fits)> Parameters(JsonElement operation, string place)
    {
        if (!operation.TryGetProperty("parameters", out var parameters))
            yield break;
        foreach (var parameter in parameters.EnumerateArray().Where(one => one.GetProperty("in").ValueEquals(place)))
        {
            var (name, schema) = (parameter.GetProperty("name").GetString()!, parameter.GetProperty("schema"));
            foreach (var (value, fits) in Values(schema))
                yield return (name, value, fits);
        }
    }

    private static IEnumerable<(string Value, bool? Fits)> Values(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var words))
        {
            foreach (var word in words.EnumerateArray())
                yield return (word.GetString()!, true);
            yield return ("x", false);
            yield break;
        }

        if (schema.TryGetProperty("minimum", out var min))
        {
            var max = schema.GetProperty("maximum").GetInt64();
            foreach (var number in new[] { min.GetInt64() - 1, min.GetInt64(), max, max + 1, -1, long.MaxValue })
                yield return (number.ToString(CultureInfo.InvariantCulture), number >= min.GetInt64() && number <= max);
            foreach (var strange in new[] { "x", "NaN", "1e3", "1.5", "0x10", " 1", "1 " })
                yield return (strange, false);
            yield break;
        }

        if (!schema.TryGetProperty("maxLength", out var longest))
        {
            // A text of no bound that a schema could tell, such as a day.
            yield return (new string('9', 5_000), null);
            yield break;
        }

        yield return (new string('a', longest.GetInt32()), true);
        yield return (new string('a', longest.GetInt32() + 1), false);
        yield return ("", false);
    }

    /// <summary>Waits until nothing runs that a case has begun and nobody waits for: nothing announces that.</summary>
    private static async Task WhenQuietAsync(GatewayFixture gateway)
    {
        foreach (var (path, open) in new[] { ("/v1/requests", new[] { "queued", "in_progress" }), ("/v1/batches", ["validating", "in_progress", "finalizing"]) })
        {
            for (var after = ""; ;)
            {
                using var response = await gateway.GetAsync($"{path}?limit=100{after}");
                var page = await GatewayFixture.JsonAsync(response);
                if (page.GetProperty("data").EnumerateArray().Any(one => open.Contains(one.GetProperty("status").GetString())))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
                    continue;
                }

                if (!page.GetProperty("has_more").GetBoolean())
                    break;
                after = $"&after={page.GetProperty("last_id").GetString()}";
            }
        }
    }

    private static string Shown(string text) => text.Length <= 160 ? text : text[..160] + "…";
}
