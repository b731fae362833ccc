namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>An item of a request's input that stands for one of an earlier response.</summary>
/// <param name="Index">Its place in the input.</param>
/// <param name="Id">The item's id.</param>
public readonly record struct ItemReference(int Index, string Id);
