using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Receipts;
using Flotilla.Testing;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.Jobs;

/// <summary>What each kind of job lets a node answer.</summary>
public sealed class JobKindTests
{
    private static readonly EmbedRequest Embed = new() { Inputs = { new Prompt { Text = "a" }, new Prompt { TokenIds = new TokenIds { Ids = { 1 } } } }, Dimensions = 2 };
    private static readonly RerankRequest Rerank = new() { Query = "q", Documents = { "a" } };
    private static readonly FramesRequest Frames = new() { Video = ByteString.CopyFrom(Mp4Sample.Of(2)), Count = 2 };
    private static readonly VideoRequest Video = new() { Prompt = "a", Seconds = 2 };
    private static readonly ByteString NoPicture = ByteString.CopyFromUtf8("<svg/>");
    private static readonly ModerateRequest Moderate = new() { Inputs = { "a" } };
    private static readonly CountRequest Count = new() { Chat = new Chat { Messages = { new Message { Role = "user", Content = "a" } } } };
    private static readonly TextRequest Stopping = new() { Chat = new Chat(), MaxTokens = 1, Choices = 1, Stop = { "a" } };

    public static TheoryData<JobKind, IMessage, Event, string> WrongEvents => new()
    {
        { JobKind.Embed, Embed, VectorOf(1), "1 values where 2" },
        { JobKind.Embed, Embed, new Event { Vector = new Vector() }, "0 bytes" },
        { JobKind.Embed, Embed, new Event { Vector = new Vector { Values = ByteString.CopyFrom(1, 2, 3) } }, "3 bytes" },
        { JobKind.Embed, Embed, VectorOf(1, float.NaN), "not finite" },
        { JobKind.Embed, Embed, VectorOf(float.PositiveInfinity, 1), "not finite" },
        { JobKind.Embed, Embed, new Event { Choice = 2, Vector = new Vector() }, "choice 2" },
        { JobKind.Embed, Embed, new Event { Text = new Text { Text_ = "x" } }, "Text in a job of kind Embed" },
        { JobKind.Embed, Embed, new Event { ChoiceDone = new ChoiceDone() }, "ChoiceDone in a job of kind Embed" },
        { JobKind.Embed, Embed, new Event { TokenCount = 1 }, "1 tokens where the request allows 0" },
        { JobKind.Embed, Embed, new Event { PromptReady = new PromptReady { PromptTokens = 100 } }, "100 prompt tokens" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt { Text = "a" } } }, VectorOf(new float[OpenAiLimits.DimensionsMax + 1]), "8192 values" },
        { JobKind.Rerank, Rerank, new Event { Score = new Score { Relevance = float.NaN } }, "not finite" },
        { JobKind.Rerank, Rerank, VectorOf(1), "Vector in a job of kind Rerank" },
        { JobKind.Moderate, Moderate, new Event { Verdict = new Verdict() }, "0 scores" },
        { JobKind.Moderate, Moderate, VerdictOf(2), "from 0 to 1" },
        { JobKind.Moderate, Moderate, VerdictOf(float.NaN), "from 0 to 1" },
        { JobKind.Moderate, Moderate, VerdictOf(0.5f, categories: 1 << 13), "beyond the 13" },
        { JobKind.Moderate, Moderate, VerdictOf(0.5f, categories: 1), "not flagged" },
        { JobKind.Text, new TextRequest { Chat = new Chat(), MaxTokens = 1, Choices = 1 }, VectorOf(1), "Vector in a job of kind Text" },
        { JobKind.Text, Stopping, EndOf(stop: "b"), "stop text that the request does not have" },
        { JobKind.Text, Stopping, EndOf(ChoiceDone.Types.Finish.Length, "a"), "stop text that the request does not have" },
        { JobKind.Count, Count, new Event { Text = new Text { Text_ = "x" } }, "Text in a job of kind Count" },
        { JobKind.Count, Count, new Event { TokenCount = 1 }, "1 tokens where the request allows 0" },
        { JobKind.Count, Count, EndOf(ChoiceDone.Types.Finish.Length), "can only stop" },
        { JobKind.Count, Count, EndOf(stop: "a"), "can only stop" },
        { JobKind.Count, Count, new Event { PromptReady = new PromptReady { PromptTokens = 1_000_000 } }, "1000000 prompt tokens" },
        { JobKind.Video, Video, new Event { TokenCount = 1, Media = new Media { Data = ByteString.CopyFrom(1) } }, "before its end" },
        { JobKind.Video, Video, new Event { TokenCount = 3, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }, "3 tokens where the request allows 2" },
        { JobKind.Video, Video, new Event { Choice = 1, Media = new Media() }, "choice 1" },
        { JobKind.Video, Video, new Event { Text = new Text { Text_ = "x" } }, "Text in a job of kind Video" },
        { JobKind.Frames, Frames, new Event { TokenCount = 1, Media = new Media { Data = ByteString.CopyFrom(1) } }, "1 frames in one choice, or before its end" },
        { JobKind.Frames, Frames, new Event { TokenCount = 2, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }, "2 frames in one choice" },
        { JobKind.Frames, Frames, new Event { Choice = 2, Media = new Media() }, "choice 2" },
        { JobKind.Video, Video, new Event { PromptReady = new PromptReady { PromptTokens = 1 } }, "1 prompt tokens" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongEvents))]
    public void Admit_EventThatTheKindDoesNotAllow_SaysWhatIsWrong(JobKind kind, IMessage request, Event item, string wrong) =>
        Assert.Contains(wrong, new OutputRules(kind, kind.Shape(request)).Admit(item, out _), StringComparison.Ordinal);

    [Fact]
    public void Admit_TheWholeOfAChoice_EndsIt()
    {
        var rules = new OutputRules(JobKind.Embed, JobKind.Embed.Shape(Embed));
        Assert.Null(rules.Admit(VectorOf(1, 2), out _));
        Assert.Equal(1, rules.Open);
        Assert.Contains("after its end", rules.Admit(VectorOf(1, 2), out _), StringComparison.Ordinal);
        var other = VectorOf(3, 4);
        other.Choice = 1;
        Assert.Null(rules.Admit(other, out _));
        Assert.Equal(-1, rules.Open);
    }

    [Fact]
    public void Admit_TheStopTextThatEndedAChoice_IsTaken() =>
        Assert.Null(new OutputRules(JobKind.Text, JobKind.Text.Shape(Stopping)).Admit(EndOf(stop: "a"), out _));

    [Fact]
    public void Admit_ManyChangesBetweenTextAndReasoning_SaysWhatIsWrong()
    {
        var rules = new OutputRules(JobKind.Text, JobKind.Text.Shape(new TextRequest { Chat = new Chat(), MaxTokens = 1, Choices = 1 }));
        for (var i = 0; i < LinkLimits.TurnsMax; i++)
        {
            Assert.Null(rules.Admit(Piece(i), out _));
            Assert.Null(rules.Admit(Piece(i), out _));
        }

        Assert.Contains("1025th time; the limit is 1024", rules.Admit(Piece(LinkLimits.TurnsMax), out _), StringComparison.Ordinal);

        static Event Piece(int turn) => turn % 2 == 0 ? new Event { Text = new Text { Text_ = "x" } } : new Event { Reasoning = new Text { Text_ = "x" } };
    }

    [Fact]
    public void Input_OfAnImage_MayHaveItsPixelsTokens()
    {
        var chat = new Chat { Messages = { new Message { Role = "user", Parts = { new ContentPart { Image = new Image { Url = "data:image/png;base64,aGk=" } } } } } };
        var rules = new OutputRules(JobKind.Text, JobKind.Text.Shape(new TextRequest { Chat = chat, MaxTokens = 1, Choices = 1 }));

        Assert.Null(rules.Input(OpenAiLimits.PerImageAllowance + 100));
        Assert.NotNull(rules.Input(2 * OpenAiLimits.PerImageAllowance));
    }

    [Fact]
    public void Check_AnImageThatWouldHaveToBeFetched_IsRefused()
    {
        var image = new Image { Url = "http://169.254.169.254/latest" };
        var chat = new Chat { Messages = { new Message { Role = "user", Parts = { new ContentPart { Image = image } } } } };
        var moderation = new ModerateRequest { Inputs = { "" }, Images = { image } };

        Assert.Equal("messages", JobKind.Text.Check(new TextRequest { Chat = chat, MaxTokens = 1, Choices = 1 })?.Param);
        Assert.Equal("messages", JobKind.Count.Check(new CountRequest { Chat = chat })?.Param);
        Assert.Equal("input", JobKind.Moderate.Check(moderation)?.Param);
        image.Url = "data:image/png;base64,aGk=";
        Assert.Null(JobKind.Text.Check(new TextRequest { Chat = chat, MaxTokens = 1, Choices = 1 }));
        Assert.Null(JobKind.Moderate.Check(moderation));
        moderation.Inputs.Add("b");
        Assert.Equal("input", JobKind.Moderate.Check(moderation)?.Param);
    }

    [Fact]
    public void Doing_EveryCapabilityOfAKind_IsThatKind() =>
        Assert.All(JobKind.Every, kind => Assert.All(kind.Capabilities, capability => Assert.Same(kind, JobKind.Doing(capability))));

    public static TheoryData<Action<Chat>, Event[], string?> Calls => new()
    {
        { c => c.Tools.Clear(), [CallOf("f")], "offers no tool" },
        { c => c.ToolChoice = Chat.Types.ToolChoice.None, [CallOf("f")], "offers no tool" },
        { _ => { }, [CallOf("f"), CallOf("f", 1), EndOf()], null },
        { c => c.ParallelToolCalls = false, [CallOf("f"), CallOf("f", 1)], "allows 1" },
        { c => c.ToolChoice = Chat.Types.ToolChoice.Required, [EndOf()], "demanded" },
        { c => c.ToolChoice = Chat.Types.ToolChoice.Required, [EndOf(ChoiceDone.Types.Finish.Length)], null },
        { c => c.ToolChoice = Chat.Types.ToolChoice.Required, [CallOf("f"), EndOf()], null },
        { c => (c.ToolChoice, c.ToolName) = (Chat.Types.ToolChoice.Named, "g"), [CallOf("f"), EndOf()], "demanded" },
        { c => (c.ToolChoice, c.ToolName) = (Chat.Types.ToolChoice.Named, "f"), [CallOf("f"), EndOf()], null },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Calls))]
    public void Admit_CallsThatAreNotAllowedOrMissing_SaysWhatIsWrong(Action<Chat> change, Event[] events, string? wrong)
    {
        var chat = new Chat { Tools = { new Tool { Name = "f" } } };
        change(chat);
        var rules = new OutputRules(JobKind.Text, JobKind.Text.Shape(new TextRequest { Chat = chat, MaxTokens = 1, Choices = 1 }));

        var said = events.Select(e => rules.Admit(e, out _)).ToList();

        Assert.All(said.SkipLast(1), Assert.Null);
        if (wrong is null)
            Assert.Null(said[^1]);
        else
            Assert.Contains(wrong, said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Admit_VectorsOfDifferentLengths_SaysWhatIsWrong()
    {
        var request = new EmbedRequest { Inputs = { Embed.Inputs } };
        var rules = new OutputRules(JobKind.Embed, JobKind.Embed.Shape(request));
        Assert.Null(rules.Admit(VectorOf(1, 2, 3), out _));
        var other = VectorOf(1);
        other.Choice = 1;
        Assert.Contains("1 values where 3", rules.Admit(other, out _), StringComparison.Ordinal);
    }

    public static TheoryData<JobKind, IMessage, string> Faults => new()
    {
        { JobKind.Embed, new EmbedRequest(), "input" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt() } }, "input" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt { Text = "" } } }, "input" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt { TokenIds = new TokenIds() } } }, "input" },
        { JobKind.Embed, new EmbedRequest { Inputs = { Enumerable.Repeat(new Prompt { Text = "a" }, 2049) } }, "input" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt { Text = "a" } }, Dimensions = 0 }, "dimensions" },
        { JobKind.Embed, new EmbedRequest { Inputs = { new Prompt { Text = "a" } }, Dimensions = uint.MaxValue }, "dimensions" },
        { JobKind.Rerank, new RerankRequest { Documents = { "a" } }, "query" },
        { JobKind.Rerank, new RerankRequest { Query = "q" }, "documents" },
        { JobKind.Rerank, new RerankRequest { Query = "q", Documents = { Enumerable.Repeat("a", 1001) } }, "documents" },
        { JobKind.Moderate, new ModerateRequest(), "input" },
        { JobKind.Moderate, new ModerateRequest { Inputs = { "" } }, "input" },
        { JobKind.Text, new TextRequest(), "messages" },
        { JobKind.Text, new TextRequest { Chat = new Chat { Messages = { new Message { Role = "user" } } }, MaxTokens = 1, Choices = 1, NowUnixMs = LinkLimits.UnixMsMax + 1 }, "messages" },
        { JobKind.Image, new ImageRequest { Task = ImageRequest.Types.Task.Generate, Count = 10, Width = 2048, Height = 2048 }, "n" },
        { JobKind.Count, new CountRequest(), "messages" },
        { JobKind.Count, new CountRequest { Chat = new Chat() }, "messages" },
        { JobKind.Frames, new FramesRequest { Video = Frames.Video }, "frames" },
        { JobKind.Frames, new FramesRequest { Video = Frames.Video, Count = 17 }, "frames" },
        { JobKind.Frames, new FramesRequest { Count = 1 }, "video" },
        { JobKind.Frames, new FramesRequest { Video = NoPicture, Count = 1 }, "video" },
        { JobKind.Frames, new FramesRequest { Video = ByteString.CopyFrom(Mp4Sample.Of(601)), Count = 1 }, "video" },
        { JobKind.Video, new VideoRequest { Seconds = 1 }, "prompt" },
        { JobKind.Video, new VideoRequest { Prompt = "a" }, "seconds" },
        { JobKind.Video, new VideoRequest { Prompt = "a", Seconds = 13 }, "seconds" },
        { JobKind.Video, new VideoRequest { Prompt = "a", Seconds = 1, Width = 3841 }, "size" },
        { JobKind.Video, new VideoRequest { Prompt = "a", Seconds = 1, Image = NoPicture }, "input_reference" },
        { JobKind.Image, new ImageRequest { Task = ImageRequest.Types.Task.Edit, Prompt = "a", Count = 1 }, "image" },
        { JobKind.Image, new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, Images = { NoPicture } }, "image" },
        { JobKind.Image, new ImageRequest { Task = ImageRequest.Types.Task.Edit, Count = 1, Images = { ByteString.CopyFrom(Pictures.Png(256, 256)) }, Mask = NoPicture }, "mask" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Faults))]
    public void Check_RequestThatNoRuntimeShouldSee_NamesTheField(JobKind kind, IMessage request, string param) =>
        Assert.Equal(param, kind.Check(request)!.Param);

    [Fact]
    public void Check_RequestInOrder_IsNull()
    {
        Assert.Null(JobKind.Embed.Check(Embed));
        Assert.Null(JobKind.Rerank.Check(Rerank));
        Assert.Null(JobKind.Moderate.Check(Moderate));
        Assert.Null(JobKind.Count.Check(Count));
        Assert.Null(JobKind.Video.Check(Video));
        Assert.Null(JobKind.Frames.Check(Frames));
        Assert.Null(JobKind.Image.Check(new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, Images = { ByteString.CopyFrom(Pictures.Png(256, 256)) } }));
    }

    [Fact]
    public void Digest_OfEachKindOfOutput_IsAnother()
    {
        Event[] events = [VectorOf(1), VectorOf(2), new Event { Score = new Score { Relevance = 1 } }, VerdictOf(0), VerdictOf(0, categories: 1), VerdictOf(0.5f)];

        Assert.Equal(events.Length, events.Select(Digest).Distinct().Count());
    }

    private static string Digest(Event item)
    {
        using var digest = new OutputDigest();
        digest.Append(item);
        return Convert.ToHexString(digest.Commit(new byte[32]));
    }

    private static Event VectorOf(params float[] values) => new() { Vector = new Vector { Values = ByteString.CopyFrom(Float32.Bytes(values)) } };

    private static Event CallOf(string name, uint index = 0) => new() { ToolCall = new ToolCallDelta { Index = index, Name = name, Arguments = "{}" } };

    private static Event EndOf(ChoiceDone.Types.Finish finish = ChoiceDone.Types.Finish.Stop, string stop = "") => new() { ChoiceDone = new ChoiceDone { Finish = finish, Stop = stop } };

    private static Event VerdictOf(float score, uint categories = 0) =>
        new() { Verdict = new Verdict { Categories = categories, Scores = { Enumerable.Repeat(score, ModerationCategories.Count) } } };
}
