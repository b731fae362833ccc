using System.Text;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Protocol.Tests.Receipts;

public sealed class WorkStatementTests
{
    [Fact]
    public void SignedBytes_AreALabelAndCanonicalJson()
    {
        var work = Samples.Work with { NodeId = "node_1" };
        Assert.Equal(
            "flotilla-work-v1\n{\"attempt\":1,\"cached_tokens\":4,\"cancelled\":0,\"completion_tokens\":7,\"finished_unix_ms\":1700000000500," +
            $"\"input_commit\":\"{new string('b', 64)}\",\"job_id\":\"job_1\",\"model\":\"demo\",\"model_digest\":\"{new string('a', 64)}\",\"node_id\":\"node_1\"," +
            $"\"numerics_id\":\"flotilla-numerics-1\",\"output_commit\":\"{new string('c', 64)}\",\"prompt_tokens\":12,\"seed\":\"18446744073709551615\",\"trace_root\":\"{new string('d', 64)}\"}}",
            Encoding.UTF8.GetString(work.SignedBytes()));
    }

    [Fact]
    public void Verify_SignedByTheNode_Holds() =>
        Assert.True(Samples.Work.Verify(Samples.NodeKey.PublicKey, Samples.NodeKey.Sign(Samples.Work.SignedBytes())));

    [Fact]
    public void Verify_KeyOfAnotherNode_Fails()
    {
        var signature = Samples.GatewayKey.Sign(Samples.Work.SignedBytes());
        Assert.False(Samples.Work.Verify(Samples.GatewayKey.PublicKey, signature));
        Assert.False(Samples.Work.Verify(Samples.NodeKey.PublicKey, signature));
    }

    public static TheoryData<string> Changes => [.. Changed.Keys];

    private static readonly Dictionary<string, Func<WorkStatement, WorkStatement>> Changed = new()
    {
        ["job"] = w => w with { JobId = "job_2" },
        ["attempt"] = w => w with { Attempt = 2 },
        ["node"] = w => w with { NodeId = "node_2" },
        ["model"] = w => w with { Model = "demo2" },
        ["digest"] = w => w with { ModelDigest = "" },
        ["numerics"] = w => w with { NumericsId = "" },
        ["input"] = w => w with { InputCommit = new string('e', 64) },
        ["output"] = w => w with { OutputCommit = new string('e', 64) },
        ["seed"] = w => w with { Seed = "0" },
        ["trace"] = w => w with { TraceRoot = "" },
        ["prompt"] = w => w with { PromptTokens = 13 },
        ["cached"] = w => w with { CachedTokens = 5 },
        ["completion"] = w => w with { CompletionTokens = 8 },
        ["finished"] = w => w with { FinishedUnixMs = 0 },
        ["cancelled"] = w => w with { Cancelled = true },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Verify_AnyFieldChanged_Fails(string field)
    {
        var signature = Samples.NodeKey.Sign(Samples.Work.SignedBytes());
        Assert.False(Changed[field](Samples.Work).Verify(Samples.NodeKey.PublicKey, signature));
    }

    [Fact]
    public void Changes_CoverEveryField() => Assert.Equal(typeof(WorkStatement).GetProperties().Length, Changed.Count);

    [Fact]
    public void HoldStatement_SignedByTheGateway_HoldsUntilItChanges()
    {
        var hold = new HoldStatement { JobId = "job_1", TransferId = "tx_1", AmountMicro = 5, ExpiresUnixMs = 9 };
        Assert.Equal("flotilla-hold-v1\n{\"amount\":5,\"expires_unix_ms\":9,\"job_id\":\"job_1\",\"transfer_id\":\"tx_1\"}", Encoding.UTF8.GetString(hold.SignedBytes()));
        var signature = Samples.GatewayKey.Sign(hold.SignedBytes());
        Assert.True(hold.Verify(Samples.GatewayKey.PublicKey, signature));
        HoldStatement[] changed = [hold with { JobId = "" }, hold with { TransferId = "" }, hold with { AmountMicro = 6 }, hold with { ExpiresUnixMs = 0 }];
        Assert.All(changed, h => Assert.False(h.Verify(Samples.GatewayKey.PublicKey, signature)));
    }
}
