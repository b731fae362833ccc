using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Runtimes;

public sealed class SignsOfLifeTests
{
    private static readonly ImageRequest Two = new() { Task = ImageRequest.Types.Task.Generate, Prompt = "a boat", Count = 2, OutputFormat = "png" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_belongs_to_a_picture_that_is_not_done()
    {
        var (time, output) = (new ManualTimeProvider(), new CollectingOutput());
        await using (var signs = new SignsOfLife(output, 2, time, Ct))
        {
            await SignAsync(time, output, 0);
            await DrawAsync(signs, 0);
            await SignAsync(time, output, 1);
            await DrawAsync(signs, 1);
            time.Advance(NodeLimits.ProgressInterval);
        }

        var rules = new OutputRules(JobKind.Image, JobKind.Image.Shape(Two));
        Assert.All(output.Events, e => Assert.Null(rules.Admit(e, out _)));
    }

    /// <summary>Moves the clock until a sign comes for the choice.</summary>
    private static async Task SignAsync(ManualTimeProvider time, CollectingOutput output, uint choice)
    {
        for (Event? item = null; item?.Progress is null || item.Choice != choice;)
        {
            var next = output.NextAsync(Ct).AsTask();
            while (!next.IsCompleted)
            {
                time.Advance(NodeLimits.ProgressInterval);
                await Task.Yield();
            }

            item = await next;
        }
    }

    private static async Task DrawAsync(SignsOfLife signs, uint choice)
    {
        await signs.EmitAsync(new Event { Choice = choice, Media = new Media { Data = ByteString.CopyFromUtf8("x") } }, Ct);
        await signs.EmitAsync(new Event { Choice = choice, TokenCount = 1, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }, Ct);
    }
}
