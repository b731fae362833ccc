using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>One further model says whose answer is given. Where it gives no usable word, the first answer stands.</summary>
internal sealed class Verdict(HttpContext http, Parts parts, IReadOnlyList<Part> members, Part judge) : Rule(http, parts, EnsembleStrategy.Judge)
{
    private readonly Parts _parts = parts;

    /// <inheritdoc />
    public override async ValueTask DecideAsync(TimeSpan left)
    {
        List<Part> candidates = [.. members.Where(p => p.IsCompleted)];
        Primary = candidates.FirstOrDefault();
        if (candidates.Count < 2 || left <= TimeSpan.Zero)
        {
            judge.Delivery.End = DeliveryEnd.Cancelled;
            return;
        }

        JudgePrompt.Write(judge.Request.Work.Chat, members[0].Request, [.. candidates.Select(p => PartText.Of(p.Receiver!.Kept))], judge.Job.Model.ContextTokens);
        judge.Receiver = new PartReceiver(judge.Request, GatewayLimits.WholeAnswerBytesMax / (members.Count + 1));
        await _parts.RunAsync(judge, judge.Receiver, left);
        if (judge.IsCompleted && JudgePrompt.Read(PartText.Of(judge.Receiver.Kept), candidates.Count) is { } place)
            Primary = candidates[place];
    }
}
