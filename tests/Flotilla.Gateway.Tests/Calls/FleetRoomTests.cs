using Flotilla.Gateway.Calls;

namespace Flotilla.Gateway.Tests.Calls;

public sealed class FleetRoomTests
{
    [Fact]
    public void One_namespace_never_takes_the_whole_room()
    {
        // Where no one name says the model, the fleet is not looked at.
        var room = new FleetRoom(null!, null!, null!, TimeProvider.System);
        var places = Enumerable.Range(0, GatewayLimits.BackgroundCallsPerNamespaceMax).Select(_ => room.TryEnter("greedy", null, evenIfUnknown: true)).ToArray();

        Assert.All(places, Assert.NotNull);
        Assert.Null(room.TryEnter("greedy", null, evenIfUnknown: true, evenIfFull: true));
        Assert.True(room.IsFullFor("greedy"));
        Assert.NotNull(room.TryEnter("other", null, evenIfUnknown: true));
        room.Leave(places[0]!);
        Assert.NotNull(room.TryEnter("greedy", null, evenIfUnknown: true));
    }
}
