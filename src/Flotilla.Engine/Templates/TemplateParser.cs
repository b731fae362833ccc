namespace Flotilla.Engine.Templates;

/// <summary>Tokens to statements. Nesting is bounded by <see cref="TokenReader.Enter"/>.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(TokenReader tokens) => (_tokens, _expressions) = (tokens, new ExpressionParser(tokens));

    public static Body Parse(string source) => Parse(source, out _);

    /// <summary>Reads a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="names">The names whose values it asks for, also those that it sets itself.</param>
    public static Body Parse(string source, out IReadOnlySet<string> names)
    {
        var tokens = new TokenReader(TemplateLexer.Read(source));
        var parser = new TemplateParser(tokens);
        var body = parser.ParseBody();
        names = parser._expressions.Names;
        return tokens.Peek.Kind == TokenKind.End ? body : throw tokens.Syntax($"Unexpected '{{% {tokens.PeekSecond.Text} %}}'.");
    }

    /// <summary>Statements up to the end of the template or one of the words that end a body; that tag is left unread.</summary>
    private Body ParseBody(params string[] endings)
    {
        _tokens.Enter();
        var statements = new List<Statement>();
        while (_tokens.Peek.Kind != TokenKind.End && !IsAtOneOf(endings))
        {
            statements.Add(ParseStatement());
        }
        _tokens.Leave();
        return new Body(statements);
    }

    private bool IsAtOneOf(string[] words) =>
        _tokens.Peek.Kind == TokenKind.BlockBegin && _tokens.PeekSecond.Kind == TokenKind.Name && words.Contains(_tokens.PeekSecond.Text);

    private Statement ParseStatement()
    {
        var token = _tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Data:
                return new Statement.Text(token.Text, token.Line);
            case TokenKind.VariableBegin:
                var value = _expressions.ParseTuple();
                _tokens.Expect(TokenKind.VariableEnd);
                return new Statement.Output(value, token.Line);
            default:
                return ParseBlock(token.Line);
        }
    }

    private Statement ParseBlock(int line)
    {
        var word = _tokens.ExpectName();
        switch (word)
        {
            case "if":
                return ParseIf(line);
            case "for":
                return ParseFor(line);
            case "set":
                return ParseSet(line);
            case "macro":
                return ParseMacro(line);
            case "call":
                return ParseCall(line);
            case "filter":
                return ParseFilterBlock(line);
            case "with":
                return ParseWith(line);
            case "generation":
                // Marks what the assistant wrote, for training; it renders as it is.
                return new Statement.With([], ParseEnded("endgeneration"), line);
            case "break" or "continue" when _loops > 0:
                EndTag();
                return word == "break" ? new Statement.Break(line) : new Statement.Continue(line);
            default:
                throw word is "include" or "import" or "from" or "extends" or "block" or "do" or "autoescape" or "trans"
                    ? _tokens.Unsupported($"The statement '{word}'")
                    : _tokens.Syntax($"Unexpected statement '{word}'.");
        }
    }

    private Statement.If ParseIf(int line)
    {
        var branches = new List<(Expression, Body)>();
        do
        {
            var condition = _expressions.ParseTuple(allowsConditional: false);
            EndTag();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
            ExpectBlock();
        }
        while (_tokens.TakeName("elif"));
        Body? otherwise = null;
        if (_tokens.TakeName("else"))
        {
            EndTag();
            otherwise = ParseBody("endif");
            ExpectBlock();
        }
        End("endif");
        return new Statement.If(branches, otherwise, line);
    }

    private Statement.For ParseFor(int line)
    {
        var target = ParseTarget(allowsAttribute: false);
        if (!_tokens.TakeName("in"))
        {
            throw _tokens.Syntax($"Expected 'in' but found '{_tokens.Peek.Text}'.");
        }
        var items = _expressions.ParseTuple(allowsConditional: false);
        var condition = _tokens.TakeName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
        {
            throw _tokens.Unsupported("A recursive loop");
        }
        EndTag();
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        ExpectBlock();
        Body? otherwise = null;
        if (_tokens.TakeName("else"))
        {
            EndTag();
            otherwise = ParseBody("endfor");
            ExpectBlock();
        }
        End("endfor");
        return new Statement.For(target, items, condition, body, otherwise, line);
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget(allowsAttribute: true);
        if (_tokens.Take("="))
        {
            var value = _expressions.ParseTuple();
            EndTag();
            return new Statement.Set(target, value, line);
        }
        List<Postfix.Filter> filters = _tokens.Take("|") ? _expressions.ParseFilters() : [];
        return new Statement.SetBlock(target, filters, ParseEnded("endset"), line);
    }

    private Statement.Macro ParseMacro(int line)
    {
        var name = _tokens.ExpectName();
        var signature = ParseSignature();
        return new Statement.Macro(name, signature, ParseOutsideLoops("endmacro"), line);
    }

    private Statement.CallBlock ParseCall(int line)
    {
        var signature = _tokens.Is(TokenKind.Operator, "(") ? ParseSignature() : new MacroSignature([]);
        var call = _expressions.Parse();
        if (call is not Expression.Postfixed { Operations: [.., Postfix.Call] })
        {
            throw _tokens.Syntax("A call block needs a call.");
        }
        return new Statement.CallBlock(signature, call, ParseOutsideLoops("endcall"), line);
    }

    private Statement.FilterBlock ParseFilterBlock(int line)
    {
        var filters = _expressions.ParseFilters();
        return new Statement.FilterBlock(filters, ParseEnded("endfilter"), line);
    }

    private Statement.With ParseWith(int line)
    {
        var bindings = new List<(Target, Expression)>();
        while (_tokens.Peek.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
            {
                _tokens.Expect(",");
            }
            var target = ParseTarget(allowsAttribute: false);
            _tokens.Expect("=");
            bindings.Add((target, _expressions.Parse()));
        }
        return new Statement.With(bindings, ParseEnded("endwith"), line);
    }

    private MacroSignature ParseSignature()
    {
        var parameters = new List<(string, Expression?)>();
        _tokens.Expect("(");
        while (!_tokens.Take(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.Expect(",");
            }
            var name = _tokens.ExpectName();
            parameters.Add((name, _tokens.Take("=") ? _expressions.Parse() : null));
        }
        return new MacroSignature(parameters);
    }

    private Target ParseTarget(bool allowsAttribute)
    {
        var names = new List<(string, string?)>();
        var isUnpacked = _tokens.Take("(");
        var isBracketed = isUnpacked;
        do
        {
            if (names.Count > 0 && _tokens.Peek.Kind != TokenKind.Name)
            {
                break;
            }
            var name = _tokens.ExpectName();
            names.Add((name, allowsAttribute && _tokens.Take(".") ? _tokens.ExpectName() : null));
            isUnpacked |= _tokens.Is(TokenKind.Operator, ",");
        }
        while (_tokens.Take(","));
        if (isBracketed)
        {
            _tokens.Expect(")");
        }
        return new Target(names, isUnpacked);
    }

    /// <summary>The rest of the opening tag, a body, and its closing tag.</summary>
    private Body ParseEnded(string ending)
    {
        EndTag();
        var body = ParseBody(ending);
        ExpectBlock();
        End(ending);
        return body;
    }

    /// <summary>A body that is run from elsewhere: a loop around it is not there to be broken.</summary>
    private Body ParseOutsideLoops(string ending)
    {
        var loops = _loops;
        _loops = 0;
        var body = ParseEnded(ending);
        _loops = loops;
        return body;
    }

    private void ExpectBlock()
    {
        if (_tokens.Next().Kind != TokenKind.BlockBegin)
        {
            throw _tokens.Syntax("The template ends inside a block.");
        }
    }

    private void End(string word)
    {
        if (!_tokens.TakeName(word))
        {
            throw _tokens.Syntax($"Expected '{word}' but found '{_tokens.Peek.Text}'.");
        }
        // Blocks may repeat their name at the end.
        if (_tokens.Peek.Kind == TokenKind.Name && word is "endmacro")
        {
            _tokens.Next();
        }
        EndTag();
    }

    private void EndTag() => _tokens.Expect(TokenKind.BlockEnd);
}
