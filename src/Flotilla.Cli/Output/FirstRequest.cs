using Flotilla.Cli.Settings;
using Flotilla.Protocol.Link;

namespace Flotilla.Cli.Output;

/// <summary>A first request to copy, of the kind that a model serves.</summary>
internal static class FirstRequest
{
    // The kind that a person most probably wants to see first.
    private static readonly Kind[] Kinds =
    [
        new(Capability.Chat, "chat/completions", model => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"What is Flotilla?"}]}"""),
        new(Capability.Completion, "completions", model => $$"""{"model":"{{model}}","prompt":"Once upon a time","max_tokens":32}"""),
        new(Capability.Image, "images/generations", model => $$"""{"model":"{{model}}","prompt":"a small boat at sea"}""", "-o picture.json"),
        new(Capability.Speech, "audio/speech", model => $$"""{"model":"{{model}}","voice":"alloy","input":"What is Flotilla?"}""", "-o speech.mp3"),
        new(Capability.Transcription, "audio/transcriptions", _ => null, "-F file=@speech.mp3"),
        new(Capability.Translation, "audio/translations", _ => null, "-F file=@speech.mp3"),
        new(Capability.Embeddings, "embeddings", model => $$"""{"model":"{{model}}","input":"What is Flotilla?"}"""),
        new(Capability.Rerank, "rerank", model => $$"""{"model":"{{model}}","query":"What is Flotilla?","documents":["A number of boats.","A kind of bread."]}"""),
        new(Capability.Moderation, "moderations", model => $$"""{"model":"{{model}}","input":"What is Flotilla?"}"""),
    ];

    /// <summary>Whether the model answers chats.</summary>
    public static bool Chats(Model model) => model.Capabilities.Contains(Capability.Chat);

    /// <summary>The lines of one curl; of a chat where no model is there yet, or none whose name can be pasted into a shell.</summary>
    public static string For(Credentials credentials, IReadOnlyList<Model> models)
    {
        foreach (var kind in Kinds)
        {
            if (models.FirstOrDefault(m => IsPlain(m.Name) && m.Capabilities.Contains(kind.Capability)) is { } model)
                return Curl(credentials, kind, model.Name);
        }

        return Curl(credentials, Kinds.FirstOrDefault(k => models.Any(m => m.Capabilities.Contains(k.Capability)), Kinds[0]), "MODEL");
    }

    // A model's name comes out of a file or from another server, and goes into a line that people paste into a shell.
    private static bool IsPlain(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':' or '/');

    private static string Curl(Credentials credentials, Kind kind, string model)
    {
        List<string> lines = [$"  curl {credentials.BaseUrl}/{kind.Path}", $"    -H \"Authorization: Bearer {credentials.ApiKey}\""];
        if (kind.Body(model) is { } body)
            lines.AddRange(["    -H \"Content-Type: application/json\"", $"    -d '{body}'"]);
        else
            lines.Add($"    -F model={model}");
        if (kind.More is { } more)
            lines.Add("    " + more);
        return string.Join(" \\" + Environment.NewLine, lines);
    }

    /// <summary>How a capability is asked for.</summary>
    /// <param name="Capability">The word for it.</param>
    /// <param name="Path">Below the base URL.</param>
    /// <param name="Body">The JSON for a model of that name; null where it takes a form.</param>
    /// <param name="More">What else curl needs.</param>
    private sealed record Kind(string Capability, string Path, Func<string, string?> Body, string? More = null);
}
