using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Chat.Python;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;
using Flotilla.Engine.Forms.Schemas;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Forms;

/// <summary>
/// What requests hold their answers to, compiled once for all that ask for the same. Safe for concurrent use; what it returns is
/// for the engine's loop.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="toolCalls">How the model writes calls of tools; null where that is not known.</param>
internal sealed class AnswerForms(ITokenizer tokenizer, ToolCallFormat? toolCalls)
{
    // A model whose template is silent about it writes what most do, if anything.
    private readonly ToolCallFormat _read = toolCalls ?? ToolCallFormat.Hermes;
    private readonly ConcurrentDictionary<string, Lazy<TokenTrie>> _tokens = [];
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, CompiledForm Form)> _latest = [];
    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledForm Form)>> _known = [];

    /// <summary>The form of a request's answer; null where it is free.</summary>
    /// <param name="request">The request.</param>
    /// <param name="thoughts">How its answer begins; null where the model does not think.</param>
    /// <exception cref="GenerationRejectedException">The request contradicts itself, or its answer cannot be held to what it asks for.</exception>
    public CompiledForm? Of(GenerationRequest request, ThinkReader? thoughts)
    {
        CheckUse(request);
        var demandsCalls = DemandsCalls(request);
        if (demandsCalls && toolCalls is null)
            throw NotSupported("The model's template asks for calls of tools in no way that is known here, so its calls cannot be demanded, counted or held to a schema.");
        // Whoever goes on behind the end of a turn wants what the model says by itself.
        var holdsCalls = demandsCalls || (request.Tools.Count > 0 && toolCalls is not null && !request.IgnoreEos);
        if (request.AnswerSchema is null && !holdsCalls)
            return null;
        var key = KeyOf(request) + (thoughts is null ? " answers" : thoughts.IsThinking ? " thinks" : " may think");
        if (Find(key) is { } known)
            return known;
        try
        {
            return Keep(key, new CompiledForm(CompileWhatFits(request, thoughts), TokensOf(request, thoughts)));
        }
        catch (FormException) when (!demandsCalls && request.AnswerSchema is null)
        {
            return null;
        }
        catch (FormException exception)
        {
            throw NotSupported(exception.Message);
        }
    }

    /// <summary>What reads a request's answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="thoughts">How its answer begins; null where the model does not think.</param>
    public OutputParser ReaderOf(GenerationRequest request, ThinkReader? thoughts) => new(
        new VisibleTokens(tokenizer, TagsOf(request, thoughts)),
        request.Stop,
        request.Tools.Count == 0 ? null : new ToolCallReader(_read, request.Tools.Select(t => t.Name), _read.HasTags ? TextArgumentsOf(request.Tools) : null),
        thoughts);

    private static Func<string, string, bool> TextArgumentsOf(IReadOnlyList<ToolDefinition> tools)
    {
        var known = new Dictionary<string, FrozenSet<string>>();
        return (tool, argument) =>
        {
            if (!known.TryGetValue(tool, out var texts))
                known.Add(tool, texts = TextArguments.Of(tools.FirstOrDefault(t => t.Name == tool)?.ParametersJson ?? "{}"));
            return texts.Contains(argument);
        };
    }

    private IEnumerable<string> TagsOf(GenerationRequest request, ThinkReader? thoughts) =>
        (request.Tools.Count > 0 ? _read.Tags : []).Concat(thoughts is null ? [] : thoughts.Tags);

    /// <summary>Requests that read the same control tokens as text share the rest.</summary>
    private TokenTrie TokensOf(GenerationRequest request, ThinkReader? thoughts)
    {
        var tags = TagsOf(request, thoughts).Where(IsControl).ToArray();
        return _tokens.GetOrAdd(string.Join(' ', tags), _ => new Lazy<TokenTrie>(() => new TokenTrie(new VisibleTokens(tokenizer, tags)))).Value;
    }

    private bool IsControl(string tag) => tokenizer.Encode(tag, parseSpecial: true, addBos: false) is [var id] && tokenizer.IsControl(id);

    /// <summary>Whether the request says more of calls than that there may be some.</summary>
    private static bool DemandsCalls(GenerationRequest request) =>
        request.Tools.Count > 0 && (request.ToolUse.IsRequired || request.ToolUse.IsSingle || request.Tools.Any(t => t.IsStrict));

    private static void CheckUse(GenerationRequest request)
    {
        var use = request.ToolUse;
        if (use.IsRequired && request.Tools.Count == 0)
            throw new GenerationRejectedException(GenerationRejection.OptionOutOfRange, "A call of a tool is required, and no tool is offered.");
        if (use.Name is { } name && (!use.IsRequired || request.Tools.All(t => t.Name != name)))
            throw new GenerationRejectedException(GenerationRejection.OptionOutOfRange, $"The tool '{name}' is to be called; it must be offered, and a call required.");
    }

    private static GenerationRejectedException NotSupported(string message) => new(GenerationRejection.FormNotSupported, message);

    /// <summary>A digest of all that the form depends on; each text with its length before it, so that no two requests share a key by chance.</summary>
    private static string KeyOf(GenerationRequest request)
    {
        var (use, key) = (request.ToolUse, new StringBuilder());
        Add(request.AnswerSchema ?? "");
        Add($"{request.IsSchemaStrict} {use.IsRequired} {use.IsSingle}");
        Add(use.Name ?? "");
        foreach (var tool in request.Tools)
        {
            Add($"{tool.IsStrict}");
            Add(tool.Name);
            Add(tool.ParametersJson);
        }

        // Tools that need not be held to their schemas may be any number of megabytes.
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<char>(key.ToString())));

        void Add(string text) => key.Append(text.Length).Append(' ').Append(text);
    }

    private CompiledForm? Find(string key)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(key, out var node))
                return null;
            _latest.Remove(node);
            _latest.AddFirst(node);
            return node.Value.Form;
        }
    }

    private CompiledForm Keep(string key, CompiledForm form)
    {
        lock (_gate)
        {
            // Somebody may have been quicker; sharing his saves finding the same masks twice.
            if (_known.TryGetValue(key, out var node))
                return node.Value.Form;
            _known.Add(key, _latest.AddFirst((key, form)));
            if (_latest.Count > TextLimits.FormsKept)
            {
                _known.Remove(_latest.Last!.Value.Key);
                _latest.RemoveLast();
            }

            return form;
        }
    }

    /// <summary>With every schema if they fit together; else with those that somebody demanded to be kept.</summary>
    private Grammar CompileWhatFits(GenerationRequest request, ThinkReader? thoughts)
    {
        CheckSize(BytesOf(request, demandedOnly: true));
        try
        {
            CheckSize(BytesOf(request, demandedOnly: false));
            return Compile(request, thoughts, holdsAll: true);
        }
        catch (FormException) when (!request.IsSchemaStrict || request.Tools.Any(t => !t.IsStrict))
        {
            return Compile(request, thoughts, holdsAll: false);
        }
    }

    private Grammar Compile(GenerationRequest request, ThinkReader? thoughts, bool holdsAll)
    {
        var grammar = new GrammarBuilder();
        var patterns = new PatternRules(grammar);
        var json = new JsonRules(grammar, patterns);
        var entry = new List<int>();
        var isFree = request.AnswerSchema is null && !request.ToolUse.IsRequired;
        if (request.AnswerSchema is { } schema)
            entry.Add(json.Space(grammar.Call(Held(schema, "The schema", request.IsSchemaStrict, JsonTypes.All, ObjectStyle.Json), Grammar.Return)));
        if (request.Tools.Count > 0 && toolCalls is not null)
        {
            var calls = new ToolCallRules(grammar, json, toolCalls, request.ToolUse.IsSingle);
            foreach (var tool in request.Tools.Where(t => request.ToolUse.Name is null || t.Name == request.ToolUse.Name))
                calls.Add(tool.Name, style => Held(tool.ParametersJson, $"The parameters of tool '{tool.Name}'", tool.IsStrict, JsonTypes.Object, style));
            if (request.ToolUse.IsRequired)
                entry.Clear();
            entry.Add(isFree ? calls.TextOrCalls() : calls.Calls());
        }

        return grammar.Build(grammar.NewRule(AfterThought(grammar, grammar.Either([.. entry]), thoughts, mayEnd: isFree)));

        // What nobody demanded to be kept need not be possible to keep.
        int Held(string text, string name, bool isStrict, JsonTypes types, ObjectStyle style)
        {
            try
            {
                if (holdsAll || isStrict)
                    return Schema(grammar, json, patterns, text, name, types, style);
            }
            catch (FormException) when (!isStrict)
            {
            }

            return style switch
            {
                ObjectStyle.Keywords => json.AnyArguments(CallNotation.Python),
                ObjectStyle.Escaped => json.AnyArguments(CallNotation.FunctionGemma),
                ObjectStyle.Tags => grammar.NewRule(TaggedArguments.Any(grammar, json)),
                _ => grammar.NewRule(json.AnyObject(Grammar.Return)),
            };
        }
    }

    /// <summary>Thoughts are free; only what the model answers is held, and where that may be anything, it may answer nothing.</summary>
    private static int AfterThought(GrammarBuilder grammar, int answer, ThinkReader? thoughts, bool mayEnd)
    {
        if (thoughts is null)
            return answer;
        var space = ByteSet.Of((byte)' ') | ByteSet.Of((byte)'\n');
        var behind = grammar.Repeat(next => grammar.Bytes(space, next), 0, 4, answer);
        var thought = TaggedText.Until(grammar, thoughts.Close, behind, mayEnd);
        if (thoughts.IsThinking)
            return thought;
        var opened = grammar.Text(thoughts.Open, thought);
        return grammar.Either(answer, mayEnd ? grammar.Loop(again => grammar.Bytes(space, again), opened) : opened);
    }

    private static long BytesOf(GenerationRequest request, bool demandedOnly) =>
        (request.IsSchemaStrict || !demandedOnly ? Encoding.UTF8.GetByteCount(request.AnswerSchema ?? "") : 0)
        + request.Tools.Where(t => t.IsStrict || !demandedOnly).Sum(t => (long)Encoding.UTF8.GetByteCount(t.ParametersJson));

    private static void CheckSize(long bytes)
    {
        if (bytes > TextLimits.SchemaBytesMax)
            throw new FormException($"The schemas that the answer is held to have {bytes} bytes; at most {TextLimits.SchemaBytesMax} are allowed.");
    }

    private static int Schema(GrammarBuilder grammar, JsonRules json, PatternRules patterns, string text, string name, JsonTypes types, ObjectStyle style)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = TextLimits.SchemaDepthMax });
            return SchemaCompiler.Compile(grammar, json, patterns, document.RootElement, types, style);
        }
        catch (JsonException exception)
        {
            throw new FormException($"{name} is no JSON, or nests deeper than {TextLimits.SchemaDepthMax}: {exception.Message}");
        }
        catch (FormException exception)
        {
            throw new FormException($"{name}, {exception.Message}");
        }
        catch (InvalidOperationException exception)
        {
            // JsonElement's way to say that a text has half a surrogate pair; the parser lets it pass.
            throw new FormException($"{name} has a text that is not Unicode: {exception.Message}");
        }
    }
}
