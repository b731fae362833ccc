namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A function in a namespace of tools. Runtimes know plain names alone, so that there it goes by both names joined.</summary>
/// <param name="Namespace">The namespace's name.</param>
/// <param name="Name">The function's name in it.</param>
public readonly record struct ToolNamespace(string Namespace, string Name)
{
    /// <summary>The name that a runtime gets.</summary>
    public string Joined => $"{Namespace}__{Name}";
}
