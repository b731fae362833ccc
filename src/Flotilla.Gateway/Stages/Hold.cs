using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Gateway.Stages;

/// <summary>How much at most: the worst case is priced at a frozen price and reserved before any work.</summary>
internal sealed class Hold(LedgerStore ledger, SigningKey key, GatewayOptions options, IIdSource ids, TimeProvider time)
{
    /// <summary>Reserves the worst case, or 402. On success the request's output is bounded by what the hold covers.</summary>
    public async ValueTask<Result<HeldJob>> ReserveAsync(RequestFeature asked, Caller caller, InferenceRequest request, ResolvedModel model)
    {
        var prices = ledger.Prices.Current;
        var price = prices.For(model.Name).Times(caller.PriceBasisPoints);
        if (TooDear(request.Provider, price) is { } tooDear)
            return tooDear;
        var input = request.InputUnitsMax(model.ContextTokens);
        var output = request.OutputUnitsMax(model.ContextTokens);
        while (true)
        {
            var amount = price.WorstCase(input, output);
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
            var job = Signed(hold, model, price, input, output);
            var held = await ledger.Money.HoldAsync(hold, CancellationToken.None);
            if (held.Status == TransferStatus.Created)
            {
                request.Allow(output);
                return job;
            }

            if (held.Status.IsTransient() && held.Status != TransferStatus.ExceedsCredits)
                return new ApiError(ApiErrorCode.Overloaded, "The ledger is busy. Try again shortly.", RetryAfterSeconds: GatewayLimits.LedgerRetryAfterSeconds);
            if (held.Status != TransferStatus.ExceedsCredits)
                return new ApiError(ApiErrorCode.Internal, $"The credits could not be reserved ({held.Status}).");
            // Without a limit of the client's own, the balance is the limit; each round asks for less, so that this ends.
            var affordable = request.IsOutputOpen ? Affordable(price, held.Available, input, output) : 0;
            if (affordable < request.OutputUnitsMin || affordable >= output || affordable == 0)
            {
                var least = price.WorstCase(input, request.OutputUnitsMin);
                return NotCovered(request.IsOutputOpen ? least : amount, least, ledger.Money.BalanceOf(caller.Namespace));
            }

            output = affordable - (affordable % request.OutputUnitsMin);
        }
    }

    /// <summary>The most units that a request can use: what its limits are charged before, as the hold charges its worst price.</summary>
    public static long UnitsMax(InferenceRequest request, ResolvedModel model) =>
        request.InputUnitsMax(model.ContextTokens) + request.OutputUnitsMax(model.ContextTokens);

    private HeldJob Signed(HoldRequest hold, ResolvedModel model, Price price, long input, long output)
    {
        var statement = new HoldStatement
        {
            JobId = hold.Job.Value,
            TransferId = hold.Id.Value,
            AmountMicro = hold.Amount.Micro,
            ExpiresUnixMs = (time.GetUtcNow() + hold.Timeout).ToUnixTimeMilliseconds(),
        };
        var (text, signature) = statement.Sign(key);
        return new HeldJob
        {
            Hold = hold,
            Model = model,
            Price = price,
            InputUnitsMax = input,
            OutputUnitsMax = output,
            AcceptedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            HoldText = text,
            HoldSignature = signature,
        };
    }

    // Here, because the price is frozen here: one that was looked at earlier could be another by now.
    private static ApiError? TooDear(ProviderPreferences provider, Price price)
    {
        if (provider.PromptPriceMax is { } prompt && price.InputPerMillion > prompt)
            return TooDear("prompt", prompt, price.InputPerMillion);
        return provider.CompletionPriceMax is { } completion && price.OutputPerMillion > completion
            ? TooDear("completion", completion, price.OutputPerMillion)
            : null;
    }

    private static ApiError TooDear(string part, Credits most, Credits price) =>
        new(
            ApiErrorCode.InvalidValue,
            $"A million {part} tokens of this model cost {price} credits, and 'provider.max_price.{part}' allows {most} (1 USD is nominally 100 credits).",
            $"provider.max_price.{part}")
        {
            Availability = new Availability(AvailabilityConstraint.Price),
        };

    private static long Affordable(Price price, Credits available, long input, long most)
    {
        long low = 0;
        var high = most;
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (price.WorstCase(input, middle) <= available)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    /// <summary>Which of the three: nothing left to spend, too little for this request ever, or too little until running requests end.</summary>
    private static ApiError NotCovered(Credits needed, Credits least, Balance balance)
    {
        if (balance.Posted < least)
        {
            return new ApiError(
                ApiErrorCode.InsufficientCredits,
                $"The namespace has {balance.Posted} credits, and the shortest answer to this request may cost {least}. Add credits ('flotilla credits add').");
        }

        return balance.Posted < needed
            ? new ApiError(
                ApiErrorCode.WeightExceedsBudget,
                $"This request may cost up to {needed} credits and the namespace has {balance.Posted} in all. Ask for fewer tokens (max_tokens) or add credits ('flotilla credits add').")
            : new ApiError(
                ApiErrorCode.InFlightBudgetExhausted,
                $"This request may cost up to {needed} credits; of the namespace's {balance.Posted}, running requests hold {balance.Held}. Try again when some have ended.",
                RetryAfterSeconds: GatewayLimits.RetryAfterSeconds);
    }
}
