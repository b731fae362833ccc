using System.Net;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>The checks by themselves, and what random bytes make of them.</summary>
public sealed class CheckTests
{
    public static TheoryData<string, Action<Advertise>> WrongOffers => new()
    {
        { "slots", a => a.Slots = LinkLimits.SlotsMax + 1 },
        { "region", a => a.Region = "eu" },
        { "models", a => a.Models.AddRange(Enumerable.Range(0, LinkLimits.ModelsMax).Select(i => ScriptedNode.EngineModel($"m{i}"))) },
        { "twice", a => a.Models.Add(a.Models[0]) },
        { "name", a => a.Models[0].Name = "a b" },
        { "name", a => a.Models[0].Name = string.Empty },
        { "name", a => a.Models[0].Name = new string('m', LinkLimits.NameCharsMax + 1) },
        { "name", a => a.Models[0].Name = "m\r\nx: y" },
        { "runtime", a => a.Models[0].Runtime = "<b>" },
        { "context", a => a.Models[0].ContextTokens = uint.MaxValue },
        { "test job", a => a.Models[0].AdmissionSeconds = LinkLimits.AdmissionSecondsMax + 1 },
        { "capabilities", a => a.Models[0].Capabilities.AddRange(Enumerable.Repeat("chat", NodeLimits.CapabilitiesMax)) },
        { "capabilities", a => a.Models[0].Capabilities.Add("\0") },
        { "voices", a => a.Models[0].Voices.AddRange(Enumerable.Repeat("anna", LinkLimits.VoicesMax + 1)) },
        { "voices", a => a.Models[0].Voices.Add("<b>") },
        { "digest", a => a.Models[0].ModelDigest = new string('A', 64) },
        { "digest", a => a.Models[0].TokenizerDigest = "ab" },
        { "numerics", a => a.Models[0].NumericsId = "a b" },
        { "runtime version", a => a.Models[0].RuntimeVersion = "1\u202e" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongOffers))]
    public void Check_AdvertiseOutOfBounds_NamesWhatIsWrong(string named, Action<Advertise> change)
    {
        var frame = new Advertise { Slots = 4, Region = "EU", Models = { ScriptedNode.EngineModel("org/model-1:7b@q8") } };
        Assert.Null(Advertised.Check(frame));

        change(frame);

        Assert.Contains(named, Advertised.Check(frame), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080", true)]
    [InlineData("localhost:8080", "localhost:8080", true)]
    [InlineData("LOCALHOST:8080", "localhost:8080", true)]
    [InlineData("machine-1:8080", "machine-1:8080", true)]
    [InlineData("public.example", "public.example", true)]
    [InlineData("public.example:443", "public.example", true)]
    [InlineData("public.example:9443", "public.example:9443", true)]
    [InlineData("exact.example:8443", "exact.example:8443", true)]
    [InlineData("[2001:db8::1]:8443", "[2001:db8::1]:8443", true)]
    [InlineData("exact.example:8444", "exact.example:8444", false)]
    [InlineData("localhost:9090", "localhost:9090", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("10.0.0.1:8080", "10.0.0.1:8080", false)]
    [InlineData("evil.example:8080", "evil.example:8080", false)]
    [InlineData("evil.example:8080", "localhost:8080", false)]
    [InlineData("localhost:8080", "evil.example:8080", false)]
    [InlineData("public.example.evil.example", "public.example.evil.example", false)]
    [InlineData("public.example@evil.example", "public.example@evil.example", false)]
    [InlineData("public.example:", "public.example:", false)]
    [InlineData("public.example:99999", "public.example:99999", false)]
    [InlineData("", "", false)]
    [InlineData("a b", "a b", false)]
    public void Refuse_Origin_OnlyTheGatewaysOwnNamesPass(string origin, string host, bool passes)
    {
        var names = new GatewayNames(["public.example", "exact.example:8443", "[2001:db8::1]:8443"], "Machine-1");

        Assert.Equal(passes, names.Refuse(origin, host, IPAddress.Parse("::ffff:127.0.0.1"), 8080) is null);
    }

    [Fact]
    public void Rules_ManyChoices_CountEachOnce()
    {
        var rules = new AttemptRules(Jobs.Spec(choices: 3, tokens: 2), ModelOffer.From(ScriptedNode.EngineModel("m")));
        var job = new Job { JobId = "job_1", Attempt = 1 };
        Assert.Null(rules.Accepted());
        Assert.Null(rules.Events(ScriptedNode.Frame(job, 0, ScriptedNode.Text("a", 2, 2), ScriptedNode.Text("b", 2, 0), ScriptedNode.End(2))));
        Assert.Null(rules.Events(ScriptedNode.Frame(job, 1, ScriptedNode.Text("c", 2, 1))));

        Assert.Equal("7 tokens where the request allows 6", rules.Events(ScriptedNode.Frame(job, 2, ScriptedNode.Text("d"))));
    }

    public static TheoryData<string, Event> WrongEvents => new()
    {
        { "tokens", new Event { TokenCount = 2, Tokens = { new TokenOutput { Id = 1 } } } },
        { "finite", new Event { TokenCount = 1, Tokens = { new TokenOutput { Logprob = float.NaN } } } },
        { "finite", new Event { TokenCount = 1, Tokens = { new TokenOutput { Top = { new TokenAlternative { Logprob = float.NegativeInfinity } } } } } },
        { "bytes", new Event { TokenCount = 1, Tokens = { new TokenOutput { Bytes = ByteString.CopyFrom(new byte[LinkLimits.TokenBytesMax + 1]) } } } },
        { "alternatives", new Event { TokenCount = 1, Tokens = { new TokenOutput { Top = { Enumerable.Repeat(new TokenAlternative(), 21) } } } } },
        { "tool call", new Event { ToolCall = new ToolCallDelta { Index = uint.MaxValue, Name = "f" } } },
        { "id", new Event { ToolCall = new ToolCallDelta { Id = "a\nb", Name = "f" } } },
        { "tool name", new Event { ToolCall = new ToolCallDelta { Name = new string('f', 129) } } },
        { "says nothing", new Event { Text = new Text() } },
        { "prompt tokens", new Event { PromptReady = new PromptReady { PromptTokens = 1025 } } },
        { "finish", new Event { ChoiceDone = new ChoiceDone() } },
        { "characters", new Event { Text = new Text { Text_ = new string('x', 140_000) } } },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongEvents))]
    internal void Rules_EventOutOfBounds_NamesWhatIsWrong(string named, Event item)
    {
        var spec = Jobs.Spec();
        var rules = new AttemptRules(spec with { Shape = spec.Shape with { Tools = new ToolTerms() } }, ModelOffer.From(ScriptedNode.EngineModel("m")));
        Assert.Null(rules.Accepted());

        Assert.Contains(named, rules.Events(ScriptedNode.Frame(new Job { JobId = "job_1", Attempt = 1 }, 0, item)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(63, null)]
    [InlineData(64, null)]
    [InlineData(65, "completion tokens")]
    public void Rules_UsageOfAnUpstream_MayDifferFromTheEventsWithinTheRequest(uint completion, string? wrong)
    {
        var offer = ModelOffer.From(new Model { Name = "m", Runtime = "upstream" });
        var rules = new AttemptRules(Jobs.Spec(), offer);
        Assert.Null(rules.Accepted());
        Assert.Null(rules.Events(ScriptedNode.Frame(new Job { JobId = "job_1", Attempt = 1 }, 0, ScriptedNode.Text("x"), ScriptedNode.End())));

        var said = rules.Done(new Done { Frames = 1, FinishedUnixMs = 1, Usage = new Usage { CompletionTokens = completion } });

        if (wrong is null)
            Assert.Null(said);
        else
            Assert.Contains(wrong, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_frames_are_read_or_refused_and_never_throw()
    {
        var job = new Job { JobId = "job_1", Attempt = 1 };
        byte[][] seeds =
        [
            new NodeFrame { SessionEpoch = 1, Events = ScriptedNode.Frame(job, 0, ScriptedNode.Text("Hello"), ScriptedNode.End()) }.ToByteArray(),
            new NodeFrame { Events = ScriptedNode.Frame(job, 0, new Event { TokenCount = 1, Tokens = { new TokenOutput { Id = 1, Logprob = -1, Top = { new TokenAlternative { Id = 2 } } } } }) }.ToByteArray(),
            new NodeFrame { Advertise = new Advertise { Slots = 4, Models = { ScriptedNode.EngineModel("m") } } }.ToByteArray(),
            new NodeFrame { Done = new Done { JobId = "job_1", Attempt = 1, Frames = 1, Usage = new Usage { PromptTokens = 3 } } }.ToByteArray(),
        ];
        var random = new Random(20_261_120);
        var read = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var bytes = Mutated(seeds[round % seeds.Length], random);
            if (!LinkCodec.TryRead(NodeFrame.Parser, bytes, out var frame))
                continue;
            read++;
            var rules = new AttemptRules(Jobs.Spec(), ModelOffer.None);
            rules.Accepted();
            if (frame.Events is not null)
                rules.Events(frame.Events);
            if (frame.Done is not null)
                rules.Done(frame.Done);
            if (frame.Advertise is not null)
                Advertised.Check(frame.Advertise);
        }

        Assert.InRange(read, 1000, 99_000);
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = random.Next(4) == 0 ? seed[..random.Next(seed.Length)] : [.. seed];
        for (var i = random.Next(4); i >= 0 && bytes.Length > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}
