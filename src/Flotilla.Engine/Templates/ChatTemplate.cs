using Flotilla.Engine.Chat;

namespace Flotilla.Engine.Templates;

/// <summary>
/// A model's chat template: Jinja as the models' own libraries render it, in an interpreter that reaches nothing but the
/// conversation and spends no more than <see cref="TextLimits"/> allows. Immutable; safe for concurrent use.
/// </summary>
internal sealed class ChatTemplate
{
    /// <summary>The date that Llama's templates state where the time is not known; some others state one without asking.</summary>
    private static readonly DateTimeOffset s_standardTime = new(2024, 7, 26, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What templates call the effort itself.</summary>
    private const string Effort = "reasoning_effort";

    /// <summary>What templates call the choice whether to think at all: those of Qwen, of Granite and DeepSeek.</summary>
    private static readonly string[] s_switches = ["enable_thinking", "thinking"];

    private readonly Body _body;

    private ChatTemplate(Body body, string source, IReadOnlySet<string> names)
    {
        _body = body;
        TakesEffort = names.Contains(Effort) || names.Overlaps(s_switches);
        MentionsTools = source.Contains("tools", StringComparison.Ordinal);
        ToolCalls = MentionsTools ? ToolCallFormat.Of(source) : null;
    }

    /// <summary>Whether the template has a place for tools.</summary>
    public bool MentionsTools { get; }

    /// <summary>Whether it has a place for how much the model shall think.</summary>
    public bool TakesEffort { get; }

    /// <summary>How it asks for calls of tools; null where it has no place for tools, or asks in a way that is not known.</summary>
    public ToolCallFormat? ToolCalls { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">It is not of the language, or uses what this interpreter does not have.</exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(TemplateParser.Parse(source, out var names), source, names);
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="tools">The tools offered; with none, the template sees <c>tools</c> as none.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the assistant's answer begins.</param>
    /// <param name="bosToken">Text of the begin-of-sequence token, empty if there is none.</param>
    /// <param name="eosToken">Text of the end-of-sequence token.</param>
    /// <param name="terms">What else templates may ask for.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="TemplateException">The template refuses the conversation, fails on it, or passes a limit.</exception>
    public string Render(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ToolDefinition> tools,
        bool addGenerationPrompt,
        string bosToken,
        string eosToken,
        PromptTerms terms,
        CancellationToken cancellationToken) =>
        ForeignText.Plain(RenderMarked(messages, tools, addGenerationPrompt, bosToken, eosToken, terms, cancellationToken));

    /// <summary>As <see cref="Render"/>, with the conversation's own text marked (<see cref="ForeignText"/>).</summary>
    public string RenderMarked(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ToolDefinition> tools,
        bool addGenerationPrompt,
        string bosToken,
        string eosToken,
        PromptTerms terms,
        CancellationToken cancellationToken)
    {
        var names = new Scope(null);
        Globals.AddTo(names, terms.Now ?? s_standardTime);
        names.Set("messages", new ListValue(messages.Select(message => ChatValues.Of(message, ToolCalls?.IdChars ?? 0)).ToArray()));
        names.Set("tools", tools.Count == 0 ? Value.None : new ListValue(tools.Select(ChatValues.Of).ToArray()));
        names.Set("add_generation_prompt", Value.Of(addGenerationPrompt));
        names.Set("bos_token", Value.Of(bosToken));
        names.Set("eos_token", Value.Of(eosToken));
        if (terms.Effort is { } effort)
        {
            names.Set(Effort, Value.Of(effort));
            foreach (var name in s_switches)
                names.Set(name, Value.Of(effort != PromptTerms.NoEffort));
        }

        return Interpreter.Render(_body, names, cancellationToken);
    }
}
