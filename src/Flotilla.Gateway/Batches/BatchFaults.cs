namespace Flotilla.Gateway.Batches;

/// <summary>What is wrong with a batch's file.</summary>
internal sealed record BatchFaults(IReadOnlyList<BatchFault> Data)
{
    public string Object { get; } = "list";
}
