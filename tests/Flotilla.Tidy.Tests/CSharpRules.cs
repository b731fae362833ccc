using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Flotilla.Tidy.Tests;

/// <summary>The rules that need to know C#'s grammar.</summary>
public static class CSharpRules
{
    /// <summary>Methods, constructors, operators and accessors longer than <see cref="Rules.MethodLinesMax"/>.</summary>
    public static IEnumerable<string> LongMethod(SourceFile file, IReadOnlyDictionary<string, string> allowed) =>
        from method in Methods(file)
        where method.Lines > Rules.MethodLinesMax && !allowed.ContainsKey($"{file.Path} {method.Name}")
        select $"{file.Path}:{method.Line}: {method.Name} has {method.Lines} lines, the limit is {Rules.MethodLinesMax}; "
            + "name its parts, or name it in Exceptions.cs with a reason";

    /// <summary>Files with more than one public type, or with one of another name than the file's (<c>Type.Aspect.cs</c> is allowed).</summary>
    public static IEnumerable<string> PublicTypes(SourceFile file)
    {
        string[] names =
        [
            .. Parse(file).DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
                .OfType<MemberDeclarationSyntax>()
                .Where(type => type.Modifiers.Any(SyntaxKind.PublicKeyword))
                .Select(Name).OfType<string>().Distinct(),
        ];
        string fileName = Path.GetFileName(file.Path).Split('.')[0];
        if (names.Length > 1)
            yield return $"{file.Path}: {names.Length} public types ({string.Join(", ", names)}); one file each";
        else if (names.Length == 1 && names[0] != fileName)
            yield return $"{file.Path}: holds the public type {names[0]}, and should bear its name";
    }

    /// <summary>The methods of a file: name, first line and number of lines.</summary>
    public static IEnumerable<(string Name, int Line, int Lines)> Methods(SourceFile file)
    {
        SyntaxNode root = Parse(file);
        IEnumerable<SyntaxNode> bodies = root.DescendantNodes().Where(node => node
            is BaseMethodDeclarationSyntax
            or AccessorDeclarationSyntax
            or PropertyDeclarationSyntax { ExpressionBody: not null }
            or IndexerDeclarationSyntax { ExpressionBody: not null });
        foreach (SyntaxNode node in bodies)
        {
            // Span leaves out leading comments: documenting a method does not make it longer.
            FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(node.Span);
            int first = span.StartLinePosition.Line, last = span.EndLinePosition.Line;
            yield return (MethodName(node), first + 1, last - first + 1);
        }
        GlobalStatementSyntax[] statements = [.. root.ChildNodes().OfType<GlobalStatementSyntax>()];
        if (statements.Length > 0)
        {
            int first = root.SyntaxTree.GetLineSpan(statements[0].Span).StartLinePosition.Line;
            int last = root.SyntaxTree.GetLineSpan(statements[^1].Span).EndLinePosition.Line;
            yield return ("top-level statements", first + 1, last - first + 1);
        }
    }

    private static CompilationUnitSyntax Parse(SourceFile file) =>
        CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Preview)).GetCompilationUnitRoot();

    private static string? Name(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    };

    private static string MethodName(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        DestructorDeclarationSyntax destructor => $"~{destructor.Identifier.Text}",
        OperatorDeclarationSyntax @operator => $"operator {@operator.OperatorToken.Text}",
        ConversionOperatorDeclarationSyntax conversion => $"operator {conversion.Type}",
        PropertyDeclarationSyntax property => property.Identifier.Text,
        IndexerDeclarationSyntax => "this[]",
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } accessor => $"{property.Identifier.Text}.{accessor.Keyword.Text}",
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => node.Kind().ToString(),
    };
}
