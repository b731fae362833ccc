using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class NodeBookRegistryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_binds_one_key_for_good_and_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-registry-").FullName;
        await using (var ledger = await LedgerStore.OpenAsync(new LedgerOptions { Path = Path.Combine(folder, "ledger.db") }, TimeProvider.System, SystemIdSource.Instance, Ct))
        {
            var registry = new NodeBookRegistry(ledger.Nodes);
            var owner = await ledger.Keys.CreateAccountAsync("operator", Ct);
            var token = await ledger.Nodes.CreateJoinTokenAsync(owner, TimeSpan.FromMinutes(1), Ct);
            var (key, other) = (ScriptedNode.KeyOf(1).PublicKey.ToArray(), ScriptedNode.KeyOf(2).PublicKey.ToArray());

            Assert.Equal(NodeStanding.Unknown, (await registry.EnterAsync(key, string.Empty)).Standing);
            Assert.Equal(NodeStanding.TokenRefused, (await registry.EnterAsync(key, "jt-flt-nonsense")).Standing);
            Assert.False(registry.IsWelcome(NodeId.Of(key)));
            Assert.Equal(new NodeEntry(NodeStanding.Welcome, owner), await registry.EnterAsync(key, token));
            Assert.True(registry.IsWelcome(NodeId.Of(key)));
            Assert.Equal(NodeStanding.TokenRefused, (await registry.EnterAsync(other, token)).Standing);
            // Start scripts go on handing the token over, and others forget it.
            Assert.Equal(new NodeEntry(NodeStanding.Welcome, owner), await registry.EnterAsync(key, token));
            Assert.Equal(new NodeEntry(NodeStanding.Welcome, owner), await registry.EnterAsync(key, string.Empty));

            Assert.True(await ledger.Nodes.RevokeAsync(NodeId.Of(key), Ct));

            Assert.False(registry.IsWelcome(NodeId.Of(key)));
            var fresh = await ledger.Nodes.CreateJoinTokenAsync(owner, TimeSpan.FromMinutes(1), Ct);
            Assert.Equal(NodeStanding.Revoked, (await registry.EnterAsync(key, fresh)).Standing);
        }

        Directory.Delete(folder, recursive: true);
    }
}
