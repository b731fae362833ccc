namespace Flotilla.Gateway.Videos;

/// <summary>What is shown of a video and its request's row does not tell; stored beside it.</summary>
/// <param name="Prompt">As the client wrote it.</param>
/// <param name="Seconds">As many as were asked for.</param>
/// <param name="Size"><c>auto</c>, or width and height.</param>
internal sealed record VideoAbout(string Prompt, uint Seconds, string Size);
