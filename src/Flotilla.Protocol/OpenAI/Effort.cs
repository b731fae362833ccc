using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>How much a model is asked to think.</summary>
internal static class Effort
{
    /// <summary>Reads the value; what the dialect means without it asks for nothing.</summary>
    public static string Read(FieldReader fields, JsonElement value, string param, string usual = "medium")
    {
        var effort = fields.Text(value, param);
        if (effort is not ("none" or "minimal" or "low" or "medium" or "high" or "xhigh" or "max"))
            fields.Invalid(param, "'none', 'minimal', 'low', 'medium', 'high', 'xhigh' or 'max'", value);
        if (effort == usual)
            return "";
        fields.Need(Capability.ReasoningEffort, param);
        return effort;
    }
}
