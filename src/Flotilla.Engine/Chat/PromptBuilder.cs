using System.Text;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Chat;

/// <summary>From a conversation to the prompt that the model was trained to continue.</summary>
internal sealed class PromptBuilder
{
    private readonly ChatTemplate _template;
    private readonly ITokenizer _tokenizer;
    private readonly string _bos;
    private readonly string _eos;

    public PromptBuilder(ChatTemplate template, ITokenizer tokenizer)
    {
        (_template, _tokenizer) = (template, tokenizer);
        _bos = tokenizer.BosId is { } bos ? TextOf(bos) : "";
        _eos = TextOf(tokenizer.EosId);
    }

    /// <summary>Whether the template has a place for how much the model shall think.</summary>
    public bool TakesEffort => _template.TakesEffort;

    /// <summary>Renders and encodes; what the conversation says becomes no control token, and the begin-of-sequence token is there once, whether the template writes it or the tokenizer adds it.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="tools">The tools offered.</param>
    /// <param name="terms">What else templates may ask for.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="TemplateException">The template refuses the conversation, fails on it, or passes a limit.</exception>
    public int[] Build(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, PromptTerms terms, CancellationToken cancellationToken)
    {
        var marked = _template.RenderMarked(messages, tools, addGenerationPrompt: true, _bos, _eos, terms, cancellationToken);
        var foreign = ForeignText.Places(marked);
        // Of what a conversation holds no character is as the token has it.
        var writesBos = _bos.Length > 0 && marked.StartsWith(_bos, StringComparison.Ordinal);
        return _tokenizer.EncodePrompt(ForeignText.Plain(marked), foreign, addBos: _tokenizer.AddsBos && !writesBos);
    }

    private string TextOf(int id) => Encoding.UTF8.GetString(_tokenizer.BytesOf(id).Span);
}
