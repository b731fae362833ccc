using System.Runtime.CompilerServices;

namespace Flotilla.Engine.Templates;

/// <summary>The parser's place in a template's tokens, and how deep it is nested there.</summary>
internal sealed class TokenReader(List<TemplateToken> tokens)
{
    private int _at;
    private int _depth;

    public TemplateToken Peek => tokens[_at];

    /// <summary>The token after the next.</summary>
    public TemplateToken PeekSecond => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public TemplateToken Next() => Peek.Kind == TokenKind.End ? Peek : tokens[_at++];

    public bool Is(TokenKind kind, string text) => Peek.Kind == kind && Peek.Text == text;

    public bool IsName(string name) => Is(TokenKind.Name, name);

    public bool Take(string operatorText) => TakeIf(Is(TokenKind.Operator, operatorText));

    public bool TakeName(string name) => TakeIf(IsName(name));

    public void Expect(string operatorText)
    {
        if (!Take(operatorText))
        {
            throw Syntax($"Expected '{operatorText}' but found '{Peek.Text}'.");
        }
    }

    public void Expect(TokenKind kind)
    {
        if (Next().Kind != kind)
        {
            throw Syntax($"A tag goes on where it should end, at '{tokens[_at - 1].Text}'.");
        }
    }

    public string ExpectName() => Peek.Kind == TokenKind.Name ? Next().Text : throw Syntax($"Expected a name but found '{Peek.Text}'.");

    /// <summary>Enters one level of nesting; an exception ends the parsing, so only success leaves it.</summary>
    public void Enter()
    {
        if (++_depth > TextLimits.TemplateDepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException(
                TemplateError.LimitExceeded, $"The chat template nests deeper than {TextLimits.TemplateDepthMax} levels.", Peek.Line);
        }
    }

    public void Leave() => _depth--;

    public TemplateException Syntax(string message) => new(TemplateError.Syntax, message, Peek.Line);

    public TemplateException Unsupported(string what) => new(TemplateError.Unsupported, $"{what} is not supported.", Peek.Line);

    private bool TakeIf(bool condition)
    {
        _at += condition ? 1 : 0;
        return condition;
    }
}
