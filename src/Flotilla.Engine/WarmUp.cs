namespace Flotilla.Engine;

/// <summary>Answers one short request before the first caller's does, so that he does not pay for the compilation of all it runs through.</summary>
internal static class WarmUp
{
    public static async Task RunAsync(InferenceEngine engine, CancellationToken cancellation)
    {
        if (!engine.Model.CanGenerate)
        {
            await ReadAsync(engine, cancellation);
            return;
        }

        var request = new GenerationRequest { MaxTokens = 3, IgnoreEos = true, Sampling = new() { TopP = 0.9f } };
        request = engine.Model.HasChatTemplate
            ? request with { Messages = [new ChatMessage("user", "Hello, who are you?")] }
            : request with { Prompt = "Hello, who are you?" };
        try
        {
            await foreach (var _ in engine.GenerateAsync(request, cancellation))
            {
            }
        }
        catch (Exception exception) when (exception is GenerationRejectedException or GenerationFailedException)
        {
            // A tiny context, a choosy template, weights that overflow: whoever asks for something hears of it then.
        }
    }

    private static async Task ReadAsync(InferenceEngine engine, CancellationToken cancellation)
    {
        try
        {
            if (engine.Model.CanRank)
                await engine.RankAsync("Who are you?", "I am a model.", cancellation);
            else if (engine.Model.CanEmbed)
                await engine.EmbedAsync("Hello, who are you?", 0, cancellation);
        }
        catch (Exception exception) when (exception is GenerationRejectedException or GenerationFailedException)
        {
            // As above.
        }
    }
}
