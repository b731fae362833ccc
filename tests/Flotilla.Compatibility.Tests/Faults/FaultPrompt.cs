namespace Flotilla.Compatibility.Tests.Faults;

/// <summary>What the fault tests ask, so that the upstream can tell it from an admission test.</summary>
internal static class FaultPrompt
{
    public const string Text = "count the words of this fault test";

    public const int Words = 200;
}
