namespace Flotilla.Engine.Tokenization;

/// <summary>Why a model file's tokenizer can't be used.</summary>
public enum TokenizerError
{
    /// <summary>The tokenizer's kind is none that this engine has.</summary>
    UnknownModel,

    /// <summary>The pre-tokenizer's name is none that this engine has: text would be cut otherwise than in training.</summary>
    UnknownPreTokenizer,

    /// <summary>The metadata contradict themselves: lengths differ, an id is out of range, a merge is no pair.</summary>
    Malformed,

    /// <summary>A limit of <c>TextLimits</c> is passed.</summary>
    LimitExceeded,
}
