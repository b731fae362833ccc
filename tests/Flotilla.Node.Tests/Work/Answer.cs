using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Work;

/// <summary>What a node sent about one job.</summary>
internal sealed record Answer(IReadOnlyList<NodeFrame> Frames)
{
    public IEnumerable<NodeFrame> Events => Frames.Where(f => f.BodyCase == NodeFrame.BodyOneofCase.Events);

    public Done? Done => Frames[^1].Done;

    public string Text => string.Concat(Events.SelectMany(f => f.Events.Events).Where(e => e.Choice == 0 && e.Text is not null).Select(e => e.Text.Text_));
}
