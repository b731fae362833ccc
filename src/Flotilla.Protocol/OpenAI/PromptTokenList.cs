using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The tokens of one prompt, as they are told; a node that goes on with another's work tells them again.</summary>
internal sealed class PromptTokenList
{
    private readonly List<TokenOutput> _tokens = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<TokenOutput> Tokens => _tokens;

    /// <summary>What they say.</summary>
    public string Text => Encoding.UTF8.GetString([.. _tokens.SelectMany(t => t.Bytes)]);

    /// <summary>Takes in more.</summary>
    public void Add(PromptTokens told) => _tokens.AddRange(NewOf(told, _tokens.Count));

    /// <summary>The tokens that follow those that are known already.</summary>
    public static IReadOnlyList<TokenOutput> NewOf(PromptTokens told, int known) => [.. told.Tokens.Skip((int)Math.Max(0, known - told.Position))];
}
