using Flotilla.Engine.Templates;
using Xunit;

namespace Flotilla.Engine.Tests.Templates;

/// <summary>Renders templates outside of a chat.</summary>
internal static class TestTemplate
{
    /// <summary>Renders with the names of <see cref="ReferenceRenderings"/> in force, whose texts are marked as a conversation's are: the result reads as if they were not.</summary>
    public static string Render(string template)
    {
        var names = new Scope(null);
        Globals.AddTo(names, default);
        foreach (var (name, value) in ((MapValue)JsonValues.TryRead(ReferenceRenderings.Names)!).Entries)
        {
            names.Set(ForeignText.Plain(name), value);
        }
        return ForeignText.Plain(Interpreter.Render(TemplateParser.Parse(template), names, TestContext.Current.CancellationToken));
    }
}
