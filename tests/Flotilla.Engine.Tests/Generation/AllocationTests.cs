using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>A token costs the engine's threads no memory: not the loop, not the workers.</summary>
public sealed class AllocationTests
{
    private const int Tokens = 200;
    private const int Runs = 5;

    private static readonly GenerationRequest s_greedy = new()
    {
        PromptTokens = Engines.Prompt(40), MaxTokens = 3 * Tokens, IgnoreEos = true, Sampling = new() { Temperature = 0 },
    };

    private static readonly GenerationRequest s_drawn = s_greedy with
    {
        Sampling = new() { Temperature = 0.8f, TopP = 0.9f, MinP = 0.01f, TopK = 50, Seed = 3, LogitBias = new Dictionary<int, float> { [5] = 1, [6] = -1 } },
    };

    private static readonly Dictionary<string, GenerationRequest> s_requests = new()
    {
        ["greedy"] = s_greedy,
        ["drawn"] = s_drawn,
        ["penalised"] = s_drawn with { Sampling = s_drawn.Sampling with { RepetitionPenalty = 1.1f, PresencePenalty = 0.2f, FrequencyPenalty = 0.1f } },
        ["greedy with log probabilities"] = s_greedy with { TopLogprobs = 20 },
        ["drawn with log probabilities of the drawn alone"] = s_drawn with { TopLogprobs = 0 },
        ["with log probabilities of the prompt"] = s_greedy with { PromptTokens = Engines.Prompt(800), MaxTokens = 40, PromptLogprobs = 20 },
        ["shared with whoever has the salt"] = s_drawn with { PrefixSalt = [1, 2, 3] },
        ["drawn, until a stop text"] = s_drawn with { Stop = ["what never comes", "nor this"] },
        ["in a form"] = s_drawn with
        {
            AnswerSchema = """{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"}},"required":["n","s"]},"minItems":400}""",
        },
        ["in a form, penalised, with log probabilities"] = s_drawn with
        {
            Sampling = s_drawn.Sampling with { RepetitionPenalty = 1.1f, FrequencyPenalty = 0.1f }, TopLogprobs = 5,
            AnswerSchema = """{"type":"array","items":{"enum":["red","green",{"blue":[1,2]}]},"minItems":600}""",
        },
    };

    public static TheoryData<string, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int>();
            foreach (var name in s_requests.Keys)
            {
                cases.Add(name, 1, 0);
                cases.Add(name, 2, 7);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_token_costs_the_engine_no_memory(string name, int threads, int guesses)
    {
        await using var engine = await Engines.LoadAsync(
            new() { Context = 1024 }, new EngineOptions { Threads = threads, ParallelCostMin = 0, GuessesMax = guesses });
        // What is found out once about a form, pages and the code itself are had once.
        var first = await engine.CompleteAsync(s_requests[name], TestContext.Current.CancellationToken);
        Assert.Equal(s_requests[name].MaxTokens, first.Tokens.Count);
        // .NET may take something of its own, once, where two threads meet at a lock; what a token costs would be there each time.
        var least = long.MaxValue;
        for (var run = 0; run < Runs && least != 0; run++)
            least = Math.Min(least, await AllocatedAsync(engine, s_requests[name]));
        Assert.Equal(0, least);
    }

    /// <summary>Bytes that the engine's threads took for the second <see cref="Tokens"/> tokens.</summary>
    private static async Task<long> AllocatedAsync(InferenceEngine engine, GenerationRequest request)
    {
        var (at, allocated) = (0, new List<long>());
        await foreach (var next in engine.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            // The loop may be ahead of its reader; if a token costs nothing, that makes no difference.
            var before = at;
            at += next switch { TextDelta delta => delta.Tokens.Count, PromptTokens prompt => prompt.Tokens.Count, _ => 0 };
            if (at / Tokens > before / Tokens && at / Tokens <= 2)
                allocated.Add(engine.Load.AllocatedBytes);
        }

        return allocated[1] - allocated[0];
    }
}
