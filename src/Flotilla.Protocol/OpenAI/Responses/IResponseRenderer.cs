namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A renderer whose answer can be kept: asked for again, and continued.</summary>
public interface IResponseRenderer
{
    /// <summary>The answer, once it is finished; null before, and where it failed.</summary>
    ResponseRecord? Record { get; }
}
