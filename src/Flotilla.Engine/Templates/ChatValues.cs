using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>Messages and tools as templates know them: the shapes and the key order of the OpenAI API. Their texts are marked (<see cref="ForeignText"/>).</summary>
internal static class ChatValues
{
    /// <param name="message">The message.</param>
    /// <param name="idChars">How many letters and digits the template demands of a call's id; 0 where it takes any.</param>
    public static Value Of(ChatMessage message, int idChars)
    {
        var entries = Map(("role", Role(message.Role)), ("content", Foreign(message.Content)));
        if (message.ToolCalls.Count > 0)
        {
            entries["tool_calls"] = new ListValue(message.ToolCalls.Select(call => Of(call, idChars)).ToArray());
        }
        AddIfGiven(entries, "tool_call_id", Fitting(message.ToolCallId, idChars));
        AddIfGiven(entries, "name", message.Name);
        return new MapValue(entries);
    }

    public static Value Of(ToolDefinition tool)
    {
        var function = Map(("name", Foreign(tool.Name)));
        AddIfGiven(function, "description", tool.Description);
        function["parameters"] = JsonValues.TryRead(tool.ParametersJson) ?? throw new TemplateException(
            TemplateError.Evaluation,
            $"The parameters of the tool '{tool.Name}' are no JSON, or nest deeper than {TextLimits.JsonDepthMax} levels.");
        return new MapValue(Map(("type", Value.Of("function")), ("function", new MapValue(function))));
    }

    /// <summary>The id itself where it fits, else one made of it: call and answer still have the same.</summary>
    private static string? Fitting(string? id, int chars)
    {
        if (id is null || chars == 0 || (id.Length == chars && id.All(char.IsAsciiLetterOrDigit)))
            return id;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..chars];
    }

    private static MapValue Of(ChatToolCall call, int idChars)
    {
        var entries = Map();
        AddIfGiven(entries, "id", Fitting(call.Id, idChars));
        entries["type"] = Value.Of("function");
        // A template writes a mapping as JSON itself, and text as it is: a call that some model got wrong is shown as it was.
        var arguments = JsonValues.TryRead(call.ArgumentsJson) as MapValue ?? Foreign(call.ArgumentsJson);
        entries["function"] = new MapValue(Map(("name", Foreign(call.Name)), ("arguments", arguments)));
        return new MapValue(entries);
    }

    private static OrderedDictionary<string, Value> Map(params ReadOnlySpan<(string Key, Value Value)> entries)
    {
        var map = new OrderedDictionary<string, Value>(ForeignText.Comparer);
        foreach (var (key, value) in entries)
        {
            map[key] = value;
        }
        return map;
    }

    private static void AddIfGiven(OrderedDictionary<string, Value> entries, string key, string? text)
    {
        if (text is not null)
        {
            entries[key] = Foreign(text);
        }
    }

    private static Value Foreign(string? text) => Value.Of(text is null ? null : ForeignText.Mark(text));

    // Some templates make a control token of the role: <|user|>. A role that is no word is a text like any other.
    private static Value Role(string role) => role.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-') ? Value.Of(role) : Foreign(role);
}
