using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Jobs;

/// <summary>The events that the kinds of media share.</summary>
internal static class MediaEvents
{
    /// <summary>Of a kind whose output is bytes.</summary>
    public static string? Body(Event item, JobKind kind, out int size)
    {
        if (item.BodyCase != Event.BodyOneofCase.Media)
            return Common(item, kind, out size);
        size = item.Media.Data.Length;
        return null;
    }

    /// <summary>Of every kind: the end, and a sign of life, which counts as a byte so that there is an end of them.</summary>
    public static string? Common(Event item, JobKind kind, out int size)
    {
        size = item.BodyCase == Event.BodyOneofCase.Progress ? 1 : 0;
        return item.BodyCase switch
        {
            Event.BodyOneofCase.Progress => item.Progress.Percent <= 100 ? null : $"a progress of {item.Progress.Percent} percent",
            Event.BodyOneofCase.ChoiceDone when item.ChoiceDone is { Finish: ChoiceDone.Types.Finish.Stop, Stop.Length: 0 } => null,
            Event.BodyOneofCase.ChoiceDone => $"a choice_done with the finish {(int)item.ChoiceDone.Finish}; what is no text can only stop",
            _ => $"an event with {item.BodyCase} in a job of kind {kind.Number}",
        };
    }
}
