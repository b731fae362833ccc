using Flotilla.Engine;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes;

/// <summary>Why the engine refused a job, in the link's words.</summary>
internal static class EngineFailures
{
    /// <summary>A prompt to count that the model could not take.</summary>
    public static RunFailure TooLong(uint tokens, uint tokensMax) =>
        new(Code.ContextLength, $"The prompt has {tokens} tokens; the context holds {tokensMax}.", Retryable: false) { Param = "messages", Limit = tokensMax, Value = tokens };

    public static RunFailure From(GenerationRejectedException rejected, IMessage work)
    {
        var field = work switch
        {
            TextRequest { InputCase: TextRequest.InputOneofCase.Chat } or CountRequest => "messages",
            TextRequest => "prompt",
            RerankRequest => "documents",
            _ => "input",
        };
        return rejected.Reason switch
        {
            GenerationRejection.ContextLengthExceeded => new RunFailure(Code.ContextLength, rejected.Message, Retryable: false)
            {
                Param = field, Limit = (ulong)rejected.ContextTokensMax, Value = (ulong)rejected.PromptTokens,
            },
            GenerationRejection.WrongKind => new RunFailure(Code.Unsupported, rejected.Message, Retryable: false) { Param = "model" },
            GenerationRejection.NoChatTemplate => new RunFailure(Code.Unsupported, rejected.Message, Retryable: false) { Param = field },
            GenerationRejection.EffortNotSupported => new RunFailure(Code.Unsupported, rejected.Message, Retryable: true) { Param = "reasoning_effort" },
            GenerationRejection.QueueFull => new RunFailure(Code.Unavailable, rejected.Message, Retryable: true),
            // Another node may have more memory for the same model.
            GenerationRejection.KvMemoryExceeded => new RunFailure(Code.InvalidRequest, rejected.Message, Retryable: true) { Param = field },
            GenerationRejection.TemplateFailed or GenerationRejection.EmptyPrompt => new RunFailure(Code.InvalidRequest, rejected.Message, Retryable: false) { Param = field },
            GenerationRejection.FormNotSupported => new RunFailure(Code.InvalidRequest, rejected.Message, Retryable: false)
            {
                Param = work is TextRequest { Chat.ResponseFormat: not null } ? "response_format" : "tools",
            },
            _ => new RunFailure(Code.InvalidRequest, rejected.Message, Retryable: false),
        };
    }
}
