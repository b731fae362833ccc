namespace Flotilla.Engine.Forms.Schemas;

/// <summary>How an object's members are written.</summary>
internal enum ObjectStyle
{
    /// <summary>As JSON does, between braces.</summary>
    Json,

    /// <summary>As the arguments of a call in Python, <c>name=value, …)</c>, up to the closing parenthesis. Values are JSON's all the same.</summary>
    Keywords,

    /// <summary>As FunctionGemma writes arguments, <c>name:value, …}</c>, up to the closing brace. Texts stand between tags, other values are JSON's.</summary>
    Escaped,

    /// <summary>As arguments between tags, up to the tag that ends the call. Texts stand as they are, other values as JSON.</summary>
    Tags,
}
