using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Gateway.Stages;

/// <summary>How much at most: the worst case is priced at a frozen price and reserved before any work.</summary>
internal sealed class Hold(LedgerStore ledger, SigningKey key, GatewayOptions options, IIdSource ids, TimeProvider time)
{
    /// <summary>Reserves the worst case, or 402. On success the request's <c>max_tokens</c> is set to what the hold covers.</summary>
    public async ValueTask<Result<HeldJob>> ReserveAsync(RequestFeature asked, Caller caller, InferenceRequest request, ResolvedModel model)
    {
        var prices = ledger.Prices.Current;
        var price = prices.For(model.Name).Times(caller.PriceBasisPoints);
        var prompt = PromptTokensMax(request, model);
        var tokens = MaxTokens(request, model);
        while (true)
        {
            var amount = price.WorstCase(prompt, checked((long)tokens * request.ChoicesTotal));
            var hold = new HoldRequest
            {
                Id = TransferId.New(ids),
                Job = asked.Call?.Job ?? JobId.New(ids),
                Request = asked.Id,
                Namespace = caller.Namespace,
                Key = caller.Key,
                Model = model.Name,
                Endpoint = request.Endpoint.ToString(),
                PriceVersion = prices.Version,
                Amount = amount,
                Timeout = options.HoldTimeout,
            };
            // Signed first: between the durable hold and the settlement that follows it, nothing may fail.
            var job = Signed(hold, model, price, prompt);
            var held = await ledger.Money.HoldAsync(hold, CancellationToken.None);
            if (held.Status == TransferStatus.Created)
            {
                request.Work.MaxTokens = tokens;
                return job;
            }

            if (held.Status.IsTransient() && held.Status != TransferStatus.ExceedsCredits)
                return new ApiError(ApiErrorCode.Overloaded, "The ledger is busy. Try again shortly.", RetryAfterSeconds: GatewayLimits.LedgerRetryAfterSeconds);
            if (held.Status != TransferStatus.ExceedsCredits)
                return new ApiError(ApiErrorCode.Internal, $"The credits could not be reserved ({held.Status}).");
            // Without a limit of the client's own, the balance is the limit; each round asks for less, so that this ends.
            var affordable = Affordable(price, held.Available, prompt, request.ChoicesTotal, tokens);
            if (request.MaxTokensGiven || affordable == 0 || affordable >= tokens)
                return InsufficientCredits(amount, held.Available);
            tokens = affordable;
        }
    }

    private HeldJob Signed(HoldRequest hold, ResolvedModel model, Price price, long prompt)
    {
        var statement = new HoldStatement
        {
            JobId = hold.Job.Value,
            TransferId = hold.Id.Value,
            AmountMicro = hold.Amount.Micro,
            ExpiresUnixMs = (time.GetUtcNow() + hold.Timeout).ToUnixTimeMilliseconds(),
        };
        return new HeldJob
        {
            Hold = hold,
            Model = model,
            Price = price,
            PromptTokensMax = prompt,
            AcceptedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            HoldSignature = Base58.Encode(key.Sign(statement.SignedBytes())),
        };
    }

    private static long PromptTokensMax(InferenceRequest request, ResolvedModel model)
    {
        // A prompt that would not fit is refused by the node before any work, so its price need not be covered.
        var prompts = request.Work.Prompts?.Items.Count ?? 1;
        return Math.Min(request.PromptBytes, (long)model.ContextTokens * prompts);
    }

    private static uint MaxTokens(InferenceRequest request, ResolvedModel model) =>
        request.MaxTokensGiven ? Math.Min(request.Work.MaxTokens, model.ContextTokens) : model.ContextTokens;

    private static uint Affordable(Price price, Credits available, long prompt, int choices, uint most)
    {
        uint low = 0;
        var high = most;
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (price.WorstCase(prompt, checked((long)middle * choices)) <= available)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private static ApiError InsufficientCredits(Credits needed, Credits available) => new(
        ApiErrorCode.InsufficientCredits,
        $"This request may cost up to {needed} credits and the namespace has {available} available. Add credits ('flotilla credits add') or ask for fewer tokens (max_tokens).");
}
