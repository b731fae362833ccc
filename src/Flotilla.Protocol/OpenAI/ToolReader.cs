using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the tools that a chat offers, and whether one must be called.</summary>
/// <param name="fields">Keeps the first fault.</param>
/// <param name="chat">Takes the tools.</param>
/// <param name="nameCharsMax">Characters of a tool's name.</param>
internal sealed class ToolReader(FieldReader fields, Chat chat, int nameCharsMax = OpenAiLimits.NameCharsMax)
{
    private readonly Dictionary<string, ToolNamespace> _namespaces = new(StringComparer.Ordinal);
    private HashSet<string>? _allowed;
    private string _choiceParam = "";

    /// <summary>The tools that came in a namespace, by the names under which they are offered.</summary>
    public IReadOnlyDictionary<string, ToolNamespace> Namespaces => _namespaces;

    /// <summary>Reads <c>tools</c>; the function stands in each under <paramref name="wrapper"/>, or beside its type where that is null.</summary>
    public void ReadTools(JsonElement value, string? wrapper)
    {
        foreach (var (item, index) in fields.Items(value, "tools", 0, OpenAiLimits.ToolsMax))
        {
            var param = $"tools[{index}]";
            if (!fields.Is(item, JsonValueKind.Object, param, "an object"))
                return;
            if (!FieldReader.TryMember(item, "type", out var type))
                fields.Missing($"{param}.type");
            else if (wrapper is null && type.ValueKind == JsonValueKind.String && type.ValueEquals("namespace"u8))
                ReadNamespace(item, param);
            else if (fields.Text(type, $"{param}.type") != "function")
                fields.Unsupported($"{param}.type", "only function tools are");
            else if (wrapper is null)
                Add(item, param);
            else if (FieldReader.TryMember(item, wrapper, out var function))
                Add(function, $"{param}.{wrapper}");
            else
                fields.Missing($"{param}.{wrapper}");
        }
    }

    /// <summary>Reads <c>functions</c>, the form before tools.</summary>
    public void ReadFunctions(JsonElement value)
    {
        foreach (var (item, index) in fields.Items(value, "functions", 0, OpenAiLimits.ToolsMax))
            Add(item, $"functions[{index}]");
    }

    /// <summary>Reads <c>tool_choice</c>; names stand in it as in the tools.</summary>
    public void ReadChoice(JsonElement value, string? wrapper)
    {
        _choiceParam = "tool_choice";
        if (value.ValueKind == JsonValueKind.String)
        {
            chat.ToolChoice = Mode(value, _choiceParam, "'none', 'auto', 'required' or an object");
            return;
        }

        if (!fields.Is(value, JsonValueKind.Object, _choiceParam, "a string or an object"))
            return;
        var type = FieldReader.TryMember(value, "type", out var given) ? fields.Text(given, "tool_choice.type") : "";
        if (type == "function")
            Demand(NameIn(value, _choiceParam, wrapper));
        else if (type == "allowed_tools")
            ReadAllowed(value, wrapper);
        else if (type.Length == 0)
            fields.Missing("tool_choice.type");
        else
            fields.Unsupported("tool_choice.type", "'function' and 'allowed_tools' are");
    }

    /// <summary>Reads <c>function_call</c>, the form before <c>tool_choice</c>.</summary>
    public void ReadFunctionCall(JsonElement value)
    {
        _choiceParam = "function_call";
        if (value.ValueKind == JsonValueKind.Object)
            Demand(NameIn(value, _choiceParam, null));
        else if (value.ValueKind == JsonValueKind.String && value.ValueEquals("required"u8))
            fields.Invalid(_choiceParam, "'none', 'auto' or an object", value);
        else if (fields.Is(value, JsonValueKind.String, _choiceParam, "a string or an object"))
            chat.ToolChoice = Mode(value, _choiceParam, "'none', 'auto' or an object");
    }

    /// <summary>Says that no more than one call is wanted in an answer, or that several are welcome.</summary>
    public void ReadParallel(bool parallel, string param)
    {
        chat.ParallelToolCalls = parallel;
        if (!parallel)
            fields.Need(Capability.ParallelToolCalls, param);
    }

    /// <summary>Demands a call of this tool.</summary>
    public void Demand(string name)
    {
        chat.ToolChoice = Chat.Types.ToolChoice.Named;
        chat.ToolName = name;
    }

    /// <summary>What only tools and choice together show.</summary>
    public void Complete()
    {
        if (_choiceParam.Length == 0)
            _choiceParam = "tool_choice";
        // Tools that are not allowed are tools that the model need not see: the same answers, whatever runs it.
        if (_allowed is not null)
        {
            if (_allowed.FirstOrDefault(name => !Offers(name)) is { } unknown)
                fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'tool_choice': no tool is called '{unknown}'.", "tool_choice");
            foreach (var tool in chat.Tools.Where(t => !_allowed.Contains(t.Name)).ToList())
                chat.Tools.Remove(tool);
        }

        if (chat.Tools.Count > 0 && chat.ToolChoice != Chat.Types.ToolChoice.None)
            fields.Need(Capability.ToolUse, _choiceParam == "function_call" ? "functions" : "tools");
        if (chat.ToolChoice is not (Chat.Types.ToolChoice.Required or Chat.Types.ToolChoice.Named))
            return;
        if (chat.Tools.Count == 0)
            fields.Fail(ApiErrorCode.InvalidValue, $"'{_choiceParam}' demands a call, and no tool is offered.", _choiceParam);
        else if (chat.ToolName.Length > 0 && !Offers(chat.ToolName))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{_choiceParam}': no tool is called '{chat.ToolName}'.", _choiceParam);
        fields.Need(Capability.ToolChoice, _choiceParam);
    }

    /// <summary>Adds one tool: its name, description, parameters and whether they bind.</summary>
    /// <param name="function">The object that has these members.</param>
    /// <param name="param">Where it stands.</param>
    /// <param name="schema">The member with the parameters' schema.</param>
    /// <param name="space">The namespace that it is in, or nothing.</param>
    public void Add(JsonElement function, string param, string schema = "parameters", string space = "")
    {
        if (!fields.Is(function, JsonValueKind.Object, param, "an object"))
            return;
        var tool = new Tool { Parameters = "{}" };
        if (FieldReader.TryMember(function, "name", out var name))
            tool.Name = SchemaText.Name(fields, name, $"{param}.name", nameCharsMax);
        else
            fields.Missing($"{param}.name");
        if (FieldReader.TryMember(function, "description", out var description))
            tool.Description = fields.Text(description, $"{param}.description");
        if (FieldReader.TryMember(function, schema, out var parameters))
            tool.Parameters = SchemaText.Read(fields, parameters, $"{param}.{schema}");
        if (FieldReader.TryMember(function, "strict", out var strict) && fields.Boolean(strict, $"{param}.strict"))
        {
            tool.Strict = true;
            fields.Need(Capability.StructuredOutputs, $"{param}.strict");
        }

        if (space.Length > 0)
        {
            var place = new ToolNamespace(space, tool.Name);
            tool.Name = place.Joined;
            _namespaces.TryAdd(tool.Name, place);
            if (tool.Name.Length > nameCharsMax)
                fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}.name': with its namespace it is offered as '{tool.Name}', of {tool.Name.Length} characters; the limit is {nameCharsMax}.", $"{param}.name");
        }

        if (chat.Tools.Count == OpenAiLimits.ToolsMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'tools': expected at most {OpenAiLimits.ToolsMax} functions, those in namespaces counted.", "tools");
        if (Offers(tool.Name))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}.name': another tool has this name.", $"{param}.name");
        chat.Tools.Add(tool);
    }

    private void ReadNamespace(JsonElement item, string param)
    {
        var name = NameIn(item, param, wrapper: null);
        if (!FieldReader.TryMember(item, "tools", out var tools))
        {
            fields.Missing($"{param}.tools");
            return;
        }

        foreach (var (tool, index) in fields.Items(tools, $"{param}.tools", 1, OpenAiLimits.ToolsMax))
        {
            var at = $"{param}.tools[{index}]";
            if (!fields.Is(tool, JsonValueKind.Object, at, "an object"))
                return;
            if (!FieldReader.TryMember(tool, "type", out var type) || fields.Text(type, $"{at}.type") != "function")
                fields.Unsupported($"{at}.type", "only function tools are");
            Add(tool, at, space: name);
        }
    }

    private bool Offers(string name) => chat.Tools.Any(t => t.Name == name);

    private void ReadAllowed(JsonElement value, string? wrapper)
    {
        var param = _choiceParam;
        // In a chat the list stands one level deeper.
        if (wrapper is not null)
        {
            param += ".allowed_tools";
            if (!FieldReader.TryMember(value, "allowed_tools", out var inner) || !fields.Is(inner, JsonValueKind.Object, param, "an object"))
            {
                fields.Missing(param);
                return;
            }

            value = inner;
        }

        if (FieldReader.TryMember(value, "mode", out var mode))
            chat.ToolChoice = Mode(mode, $"{param}.mode", "'auto' or 'required'");
        _allowed = [];
        if (!FieldReader.TryMember(value, "tools", out var tools))
            fields.Missing($"{param}.tools");
        else
            _allowed.UnionWith(fields.Items(tools, $"{param}.tools", 1, OpenAiLimits.ToolsMax).Select(t => NameIn(t.Value, $"{param}.tools[{t.Index}]", wrapper)));
    }

    private string NameIn(JsonElement value, string param, string? wrapper)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return "";
        if (wrapper is not null)
        {
            if (!FieldReader.TryMember(value, wrapper, out var inner) || inner.ValueKind != JsonValueKind.Object)
            {
                fields.Missing($"{param}.{wrapper}");
                return "";
            }

            (value, param) = (inner, $"{param}.{wrapper}");
        }

        if (FieldReader.TryMember(value, "name", out var name))
            return SchemaText.Name(fields, name, $"{param}.name", nameCharsMax);
        fields.Missing($"{param}.name");
        return "";
    }

    private Chat.Types.ToolChoice Mode(JsonElement value, string param, string expected)
    {
        switch (fields.Text(value, param))
        {
            case "auto": return Chat.Types.ToolChoice.Auto;
            case "none": return Chat.Types.ToolChoice.None;
            case "required": return Chat.Types.ToolChoice.Required;
            default:
                fields.Invalid(param, expected, value);
                return Chat.Types.ToolChoice.Auto;
        }
    }
}
