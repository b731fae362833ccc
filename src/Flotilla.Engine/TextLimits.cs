namespace Flotilla.Engine;

/// <summary>Every limit of the text half of the engine, with where its number comes from.</summary>
internal static class TextLimits
{
    /// <summary>Characters of one control or user-defined token. The longest in public vocabularies have under 40, the demo model's 250.</summary>
    public const int SpecialTokenCharsMax = 512;

    /// <summary>Bytes of one token of a WordPiece or unigram vocabulary: at each place of a text so many are looked at. The longest in public ones have under 100.</summary>
    public const int PieceBytesMax = 1024;

    /// <summary>Bytes of a vocabulary's map of characters; that of XLM-R, T5 and most others has 237,000.</summary>
    public const int CharacterMapBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes that one entry of such a map may replace; NFKC's longest sequence has 18.</summary>
    public const int CharacterMapKeyBytesMax = 64;

    /// <summary>Bytes that it may be replaced by; NFKC's longest has 33.</summary>
    public const int CharacterMapTextBytesMax = 256;

    /// <summary>Characters of one stop string: as many as a request can hold back from its reader.</summary>
    public const int StopStringCharsMax = 4096;

    /// <summary>White space held back because a tool call may follow it: more is delivered as text.</summary>
    public const int ToolCallSpaceHeldMax = 64;

    /// <summary>Characters of a tool call held back before its name is known: past it, it is delivered as text. Far above what 100,000 tokens write.</summary>
    public const int ToolCallCharsHeldMax = 1024 * 1024;

    /// <summary>Characters of a called tool's name: OpenAI allows 64, and some templates prefix a namespace.</summary>
    public const int ToolNameCharsMax = 256;

    /// <summary>Characters of a number or a word in a call that is written in Python: it is held back until it ends. Numbers that people write have under 30.</summary>
    public const int PythonWordCharsMax = 256;

    /// <summary>Characters of a chat template. The longest public ones have about 25,000.</summary>
    public const int TemplateCharsMax = 1024 * 1024;

    /// <summary>Places of the query in a template of a judge, and of the document; public ones have one of each.</summary>
    public const int RankPlacesMax = 8;

    /// <summary>Characters of a name in a template: every look-up costs them, and no public template has one above 40.</summary>
    public const int TemplateNameCharsMax = 256;

    /// <summary>Nesting of a template's statements and expressions. Public templates reach about 20; the checklist in our fault notes asks for 64.</summary>
    public const int TemplateDepthMax = 64;

    /// <summary>Nesting of evaluation, macro calls included: leaves room on a 256 KiB stack, the smallest that a thread of ours has.</summary>
    public const int TemplateEvaluationDepthMax = 160;

    /// <summary>Steps of one rendering; one evaluated node, loop turn, list element or 64 characters copied is a step.
    /// A conversation of 2,048 messages takes about 150,000 with the heaviest public template.</summary>
    public const int TemplateStepsMax = 1_000_000;

    /// <summary>Characters that a template may render, or hold in one string: 4 Mi is above any context that we serve.</summary>
    public const int TemplateOutputCharsMax = 4 * 1024 * 1024;

    /// <summary>Numbers in one <c>range()</c>: Jinja's own sandbox stops at the same.</summary>
    public const int TemplateRangeMax = 100_000;

    /// <summary>Nesting of JSON given to a template (tool parameters and arguments), and of values printed as JSON: System.Text.Json's default.</summary>
    public const int JsonDepthMax = 64;

    /// <summary>Bytes of the schemas of one request; our fault notes, §4.24, ask for 64 KiB.</summary>
    public const int SchemaBytesMax = 64 * 1024;

    /// <summary>Nesting of a schema; the fault notes ask for 32, and a level of a schema is two of JSON (<c>properties</c>, its name).</summary>
    public const int SchemaDepthMax = 64;

    /// <summary>Characters of a JSON pointer into a schema; deeper or longer-named places are refused, for each is kept under its pointer.</summary>
    public const int SchemaPointerMax = 2048;

    /// <summary>Rules of a form: the fault notes' 2,000 nodes of a schema, and as many again for what its keywords need.</summary>
    public const int FormRulesMax = 4096;

    /// <summary>Nodes of a form: the fault notes' 50,000 states.</summary>
    public const int FormNodesMax = 50_000;

    /// <summary>Branches of all choices of a form together: four for each of its nodes; a choice of a thousand that is counted a thousand times would be a million.</summary>
    public const int FormBranchesMax = 4 * FormNodesMax;

    /// <summary>Greatest count in a form (items, characters, repetitions): the fault notes' 1,000.</summary>
    public const int FormCountMax = 1000;

    /// <summary>Sub-schemas that hold at one place at once (through <c>$ref</c> and <c>allOf</c>): far above what people write.</summary>
    public const int SchemaPartsMax = 64;

    /// <summary>Nesting of groups in a pattern.</summary>
    public const int PatternDepthMax = 32;

    /// <summary>Nesting of an answer that is held to a form: what JSON readers accept by default, System.Text.Json's 64 values of up to three rules each.</summary>
    public const int FormStackMax = 192;

    /// <summary>States of a form that are kept; with more, all are forgotten and found again as needed.</summary>
    public const int FormStatesKept = 16_384;

    /// <summary>Places of the grammar that the kept states of a form name together, and classes of bytes: 32 MiB.</summary>
    public const int FormPlacesKept = 4 * 1024 * 1024;

    /// <summary>Bytes of token masks kept for one form; about 320 masks for a vocabulary of 150,000.</summary>
    public const int FormMaskBytesKept = 6 * 1024 * 1024;

    /// <summary>Places of the grammar visited for one token, those that others have visited before too: some 20 ms, for the other sequences wait meanwhile.</summary>
    public const int FormStepsMax = 500_000;

    /// <summary>Compiled forms that an engine keeps.</summary>
    public const int FormsKept = 16;
}
