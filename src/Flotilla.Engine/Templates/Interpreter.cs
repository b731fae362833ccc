using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>Renders one template once. It has no access to anything but the values it is given.</summary>
internal sealed class Interpreter
{
    private readonly Evaluator _evaluator;
    private StringBuilder _output = new();
    private Scope _scope;
    private int _line;

    private Interpreter(Scope scope, CancellationToken cancellationToken)
    {
        Budget = new TemplateBudget(cancellationToken);
        _evaluator = new Evaluator(this);
        _scope = scope;
    }

    private enum Signal
    {
        None,
        Break,
        Continue,
    }

    public TemplateBudget Budget { get; }

    /// <summary>Renders a template with these names in force; what comes from marked values stays marked (<see cref="ForeignText"/>).</summary>
    /// <exception cref="TemplateException">It can't be rendered; the message names the line.</exception>
    public static string Render(Body template, Scope names, CancellationToken cancellationToken)
    {
        var interpreter = new Interpreter(new Scope(names), cancellationToken);
        try
        {
            interpreter.Execute(template);
            return interpreter._output.ToString();
        }
        catch (TemplateException failure)
        {
            throw new TemplateException(failure.Error, ForeignText.Plain(failure.Detail), interpreter._line);
        }
    }

    public Value Lookup(string name) => _scope.Get(name);

    public Value Call(Value callee, CallArguments arguments)
    {
        if (callee is not FunctionValue function)
        {
            throw new TemplateException(
                TemplateError.Evaluation,
                callee is UndefinedValue missing ? $"'{missing.Name}' is undefined and can't be called." : $"{ValueText.TypeName(callee)} can't be called.");
        }
        Budget.Enter();
        var result = function.Invoke(this, arguments);
        Budget.Leave();
        return result;
    }

    private Signal Execute(Body body)
    {
        Budget.Enter();
        var signal = Signal.None;
        foreach (var statement in body.Statements)
        {
            _line = statement.Line;
            signal = Execute(statement);
            if (signal != Signal.None)
            {
                break;
            }
        }
        Budget.Leave();
        return signal;
    }

    private Signal Execute(Statement statement)
    {
        switch (statement)
        {
            case Statement.Text text:
                Write(text.Value);
                return Signal.None;
            case Statement.Output output:
                Write(ValueText.Of(_evaluator.Evaluate(output.Value), Budget));
                return Signal.None;
            case Statement.If branches:
                return ExecuteIf(branches);
            case Statement.For loop:
                return ExecuteFor(loop);
            case Statement.Break:
                return Signal.Break;
            case Statement.Continue:
                return Signal.Continue;
            case Statement.With with:
                return ExecuteWith(with);
            case Statement.Set set:
                Assign(set.Target, _evaluator.Evaluate(set.Value));
                return Signal.None;
            default:
                ExecuteCapturing(statement);
                return Signal.None;
        }
    }

    /// <summary>The statements that use what a body renders rather than render it.</summary>
    private void ExecuteCapturing(Statement statement)
    {
        switch (statement)
        {
            case Statement.SetBlock set:
                Assign(set.Target, _evaluator.Filter(Value.Of(Capture(set.Body, new Scope(_scope))), set.Filters));
                break;
            case Statement.FilterBlock filter:
                Write(ValueText.Of(_evaluator.Filter(Value.Of(Capture(filter.Body, new Scope(_scope))), filter.Filters), Budget));
                break;
            case Statement.Macro macro:
                _scope.Set(macro.Name, MacroOf(macro.Name, macro.Signature, macro.Body));
                break;
            case Statement.CallBlock call:
                var caller = MacroOf("caller", call.Signature, call.Body);
                Write(ValueText.Of(_evaluator.EvaluateCall((Expression.Postfixed)call.Call, ("caller", caller)), Budget));
                break;
            default:
                throw new InvalidOperationException($"No rule executes {statement.GetType().Name}.");
        }
    }

    private Signal ExecuteIf(Statement.If branches)
    {
        foreach (var (condition, body) in branches.Branches)
        {
            if (Operators.IsTrue(_evaluator.Evaluate(condition)))
            {
                return Execute(body);
            }
        }
        return branches.Otherwise is null ? Signal.None : Execute(branches.Otherwise);
    }

    private Signal ExecuteFor(Statement.For loop)
    {
        var outer = _scope;
        var items = Selected(loop, Operators.Items(_evaluator.Evaluate(loop.Items), Budget));
        var position = new LoopValue(items);
        var signal = Signal.None;
        for (position.Index = 0; position.Index < items.Count && signal != Signal.Break; position.Index++)
        {
            Budget.Spend();
            _scope = new Scope(outer);
            _scope.Set("loop", position);
            Assign(loop.Target, items[position.Index]);
            signal = Execute(loop.Body);
        }
        _scope = outer;
        // A signal is meant for the innermost loop; those of the else branch for the one around.
        return items.Count == 0 && loop.Otherwise is not null ? Execute(loop.Otherwise) : Signal.None;
    }

    private IReadOnlyList<Value> Selected(Statement.For loop, IReadOnlyList<Value> items)
    {
        if (loop.Condition is null)
        {
            return items;
        }
        var outer = _scope;
        var selected = new List<Value>();
        foreach (var item in items)
        {
            Budget.Spend();
            _scope = new Scope(outer);
            Assign(loop.Target, item);
            if (Operators.IsTrue(_evaluator.Evaluate(loop.Condition)))
            {
                selected.Add(item);
            }
        }
        _scope = outer;
        return selected;
    }

    private Signal ExecuteWith(Statement.With with)
    {
        var outer = _scope;
        // Values are evaluated before any of the names is in force.
        var values = with.Bindings.Select(binding => _evaluator.Evaluate(binding.Value)).ToArray();
        _scope = new Scope(outer);
        for (var index = 0; index < values.Length; index++)
        {
            Assign(with.Bindings[index].Target, values[index]);
        }
        var signal = Execute(with.Body);
        _scope = outer;
        return signal;
    }

    private void Assign(Target target, Value value)
    {
        if (!target.IsUnpacked)
        {
            Assign(target.Names[0], value);
            return;
        }
        var items = Operators.Items(value, Budget);
        if (items.Count != target.Names.Count)
        {
            throw new TemplateException(
                TemplateError.Evaluation, $"{items.Count} values can't be assigned to {target.Names.Count} names.");
        }
        for (var index = 0; index < items.Count; index++)
        {
            Assign(target.Names[index], items[index]);
        }
    }

    private void Assign((string Name, string? Attribute) target, Value value)
    {
        if (target.Attribute is null)
        {
            _scope.Set(target.Name, value);
        }
        else if (_scope.Get(target.Name) is NamespaceValue space)
        {
            space.Attributes[target.Attribute] = value;
        }
        else
        {
            throw new TemplateException(TemplateError.Evaluation, $"'{target.Name}' is no namespace; only a namespace's attributes can be set.");
        }
    }

    private FunctionValue MacroOf(string name, MacroSignature signature, Body body)
    {
        var scope = _scope;
        return new FunctionValue(name, (_, arguments) => Value.Of(Capture(body, Bind(signature, arguments, scope))));
    }

    private Scope Bind(MacroSignature signature, CallArguments arguments, Scope outer)
    {
        if (arguments.Count > signature.Parameters.Count)
        {
            throw new TemplateException(
                TemplateError.Evaluation, $"{arguments.Callee} takes {signature.Parameters.Count} arguments, not {arguments.Count}.");
        }
        var scope = new Scope(outer);
        foreach (var (name, value) in arguments.Named)
        {
            Budget.Spend(signature.Parameters.Count + 1);
            if (name != "caller" && !signature.Parameters.Any(parameter => parameter.Name == name))
            {
                throw new TemplateException(TemplateError.Evaluation, $"{arguments.Callee} has no parameter '{name}'.");
            }
            scope.Set(name, value);
        }
        var callersScope = _scope;
        _scope = scope;
        for (var index = 0; index < signature.Parameters.Count; index++)
        {
            Budget.Spend(arguments.Named.Count + 1);
            var (name, standard) = signature.Parameters[index];
            var given = arguments.Optional(index, name);
            scope.Set(name, given ?? (standard is null ? new UndefinedValue(name) : _evaluator.Evaluate(standard)));
        }
        _scope = callersScope;
        return scope;
    }

    /// <summary>What a body renders in a scope of its own.</summary>
    private string Capture(Body body, Scope scope)
    {
        var (outerScope, outerOutput, line) = (_scope, _output, _line);
        (_scope, _output) = (scope, new StringBuilder());
        Execute(body);
        var text = _output.ToString();
        (_scope, _output, _line) = (outerScope, outerOutput, line);
        return text;
    }

    private void Write(string text)
    {
        TemplateBudget.CheckText(_output.Length + (long)text.Length);
        Budget.SpendText(text.Length);
        _output.Append(text);
    }
}
