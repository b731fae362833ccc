using Flotilla.Engine.Chat.Python;

namespace Flotilla.Engine.Chat;

/// <summary>
/// How models write calls of tools: one row for each way. The reader of answers and the grammar that answers are held to go by
/// the same row. A call is an object with a name and arguments, the bare name and then the arguments, a call as Python writes it or
/// nearly so, or tags.
/// </summary>
/// <param name="Name">What the way is called in documents.</param>
internal sealed record ToolCallFormat(string Name)
{
    /// <summary>Hermes and Qwen: an object between tags.</summary>
    public static ToolCallFormat Hermes { get; } = new("Hermes") { Marks = ["<tool_call>"], Open = "<tool_call>", Close = "</tool_call>" };

    /// <summary>All of them. Where a template has marks of several, the first row holds.</summary>
    public static IReadOnlyList<ToolCallFormat> All { get; } =
    [
        new("Qwen3-Coder") { Marks = ["<parameter="], Open = "<tool_call>", Close = "</tool_call>", HasObjects = false, HasTags = true },
        new("Llama 3, by tag") { Marks = ["<function="], Open = "<function=", NameEnd = ">", Close = "</function>" },
        Hermes,
        new("Phi-4") { Marks = ["<|/tool_call|>"], Open = "<|tool_call|>", Close = "<|/tool_call|>" },
        new("Granite 3") { Marks = ["<|tool_call|>"], Open = "<|tool_call|>", ListOpen = "[", Separator = ",", Close = "]" },
        new("Nemotron") { Marks = ["<TOOLCALL>"], Open = "<TOOLCALL>", ListOpen = "[", Separator = ",", Close = "]</TOOLCALL>" },
        new("Mistral, by name") { Marks = ["[ARGS]"], Open = "[TOOL_CALLS]", NameEnd = "[ARGS]", IdBegin = "[CALL_ID]", IdChars = 9 },
        new("Mistral, as a list") { Marks = ["[TOOL_CALLS]"], Open = "[TOOL_CALLS]", ListOpen = "[", Separator = ",", Close = "]", IdChars = 9 },
        new("Gemma, tool_code") { Marks = ["```tool_code"], Open = "```tool_code", Close = "```", ArgumentsKey = "parameters", Notation = CallNotation.Python, HasLines = true },
        new("Gemma, tool_call") { Marks = ["```tool_call"], Open = "```tool_call", Close = "```" },
        new("FunctionGemma")
        {
            Marks = ["<start_function_call>"],
            Open = "<start_function_call>call:", Close = "<end_function_call>", HasObjects = false, Notation = CallNotation.FunctionGemma, OtherTags = ["<start_function_call>"],
        },
        new("Python, as a list")
        {
            // As Google's documents ask Gemma for calls, and Meta's the small Llamas.
            Marks = ["[func_name1(params_name1=params_value1"],
            Open = "<|python_tag|>", IsOpenOptional = true, ListOpen = "[", Separator = ",", Close = "]", HasObjects = false, Notation = CallNotation.Python,
        },
        new("Llama 3")
        {
            // The second is the sentence by which Llama's templates, and those for Gemma that ask for JSON, say what to write.
            Marks = ["<|start_header_id|>ipython", "dictionary of argument name and its value"],
            Open = "<|python_tag|>", IsOpenOptional = true, Separator = ";", ArgumentsKey = "parameters",
            MayTellType = true, Notation = CallNotation.Python, Suffix = ".call",
        },
    ];

    /// <summary>Texts of which a chat template that asks for this way holds one.</summary>
    public required IReadOnlyList<string> Marks { get; init; }

    /// <summary>What stands before the calls.</summary>
    public required string Open { get; init; }

    /// <summary>Whether a call may be an object.</summary>
    public bool HasObjects { get; init; } = true;

    /// <summary>Whether a call is written in tags, one for each argument, between which texts stand as they are.</summary>
    public bool HasTags { get; init; }

    /// <summary>How a call may be written with its arguments behind its name; null where none is. Where it may be an object too, only behind <see cref="Open"/>.</summary>
    public CallNotation? Notation { get; init; }

    /// <summary>What may stand behind the name of a call that is written so, and is no part of it; empty where nothing may.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Whether several such calls may stand between <see cref="Open"/> and <see cref="Close"/>, each in a line of its own or in one that prints it.</summary>
    public bool HasLines { get; init; }

    /// <summary>Whether an answer may also begin with a call, without <see cref="Open"/>: it is one if its name comes first, but for its type, and a tool of that name was offered.</summary>
    public bool IsOpenOptional { get; init; }

    /// <summary>What begins the list of calls behind <see cref="Open"/>; empty where nothing does.</summary>
    public string ListOpen { get; init; } = "";

    /// <summary>The character between two calls; empty where each has its own <see cref="Open"/> and <see cref="Close"/>.</summary>
    public string Separator { get; init; } = "";

    /// <summary>What stands behind the calls; empty where nothing does.</summary>
    public string Close { get; init; } = "";

    /// <summary>The member of the object that has the arguments.</summary>
    public string ArgumentsKey { get; init; } = "arguments";

    /// <summary>Whether <c>"type": "function"</c> may stand before the name.</summary>
    public bool MayTellType { get; init; }

    /// <summary>What stands between the name and the arguments where a call is no object; else empty.</summary>
    public string NameEnd { get; init; } = "";

    /// <summary>What may stand between the name and <see cref="NameEnd"/>, with an id behind it; empty where nothing may.</summary>
    public string IdBegin { get; init; } = "";

    /// <summary>How many letters and digits the template demands of a call's id; 0 where it takes any.</summary>
    public int IdChars { get; init; }

    /// <summary>Control tokens that are parts of the others' texts.</summary>
    public IReadOnlyList<string> OtherTags { get; init; } = [];

    /// <summary>The texts that vocabularies have control tokens for, though they are part of what the model says.</summary>
    public IEnumerable<string> Tags => ((string[])[Open, Close, NameEnd, IdBegin, Notation?.TextTag ?? "", .. OtherTags]).Where(tag => tag.Length > 1);

    /// <summary>The way that a chat template asks for; null where it is none of these.</summary>
    public static ToolCallFormat? Of(string template) =>
        All.FirstOrDefault(format => format.Marks.Any(mark => template.Contains(mark, StringComparison.Ordinal)));
}
