using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Text that continues prompts, or answers a chat. Units are tokens.</summary>
internal sealed class TextKind() : JobKindOf<TextRequest>(TextRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static TextKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Text;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Chat, Capability.Completion];

    /// <inheritdoc />
    public override string Unit => Tokens;

    /// <inheritdoc />
    public override bool IsOutputPaid => true;

    /// <summary>For a chat with an image or a file that is not given by its bytes.</summary>
    internal static JobFault Elsewhere() => new("messages", "An image or a file is given by its address; a node takes both as 'data:' URLs alone.");

    /// <summary>Whether an image is given by its bytes.</summary>
    /// <remarks>Whoever serves a client fetches what it names; a node that did would be sent to places of a stranger's choice.</remarks>
    internal static bool IsHere(Image image) => IsHere(image.Url);

    /// <summary>Whether all that a chat shows and attaches is given by its bytes.</summary>
    internal static bool IsAllHere(Chat? chat) => ImagesOf(chat).All(IsHere) && FilesOf(chat).All(f => IsHere(f.Data));

    private static bool IsHere(string url) => url.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        size = 0;
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                size = item.Text.Text_.Length;
                return null;
            case Event.BodyOneofCase.Reasoning:
                size = item.Reasoning.Text_.Length;
                return null;
            case Event.BodyOneofCase.ToolCall:
                size = item.ToolCall.Id.Length + item.ToolCall.Name.Length + item.ToolCall.Arguments.Length;
                return shape.Tools is { } tools ? Call(item.ToolCall, tools) : "a tool call where the request offers no tool";
            case Event.BodyOneofCase.ChoiceDone:
                return End(item.ChoiceDone, shape.Stops);
            case Event.BodyOneofCase.None:
                return null;
            default:
                return Foreign(item);
        }
    }

    /// <inheritdoc />
    protected override JobFault? Check(TextRequest request)
    {
        if (request.InputCase == TextRequest.InputOneofCase.None)
            return new JobFault("messages", "The request has neither messages nor a prompt.");
        if (request.InputCase == TextRequest.InputOneofCase.Chat && request.Chat.Messages.Count == 0)
            return new JobFault("messages", "The request has no message.");
        if (request.InputCase == TextRequest.InputOneofCase.Prompts && (request.Prompts.Items.Count == 0 || request.Prompts.Items.Any(p => p.InputCase == Prompt.InputOneofCase.None)))
            return new JobFault("prompt", "The request has no prompt, or an empty one.");
        if (request.NowUnixMs > LinkLimits.UnixMsMax)
            return new JobFault("messages", $"The request was made at {request.NowUnixMs} ms since 1970; dates end with the year 9999.", LinkLimits.UnixMsMax, request.NowUnixMs);
        if (!IsAllHere(request.Chat))
            return Elsewhere();
        if (request.MaxTokens == 0 && request.Chat is not null)
            return new JobFault("max_tokens", "max_tokens is 0; a chat needs at least 1.");
        if (request.PromptLogprobs > OpenAiLimits.TopLogprobsMax)
            return new JobFault("prompt_logprobs", $"prompt_logprobs is {request.PromptLogprobs}; at most {OpenAiLimits.TopLogprobsMax} alternatives are told.", OpenAiLimits.TopLogprobsMax, request.PromptLogprobs);
        if (request.Choices == 0)
            return new JobFault("n", "n is 0; at least 1 is needed.");
        var choices = (long)Inputs(request) * request.Choices;
        return choices <= OpenAiLimits.ChoicesTotalMax
            ? null
            : new JobFault("n", $"The request asks for {choices} completions; a node makes at most {OpenAiLimits.ChoicesTotalMax} in one job.", OpenAiLimits.ChoicesTotalMax, (ulong)choices);
    }

    /// <inheritdoc />
    protected override JobShape Shape(TextRequest request)
    {
        var inputs = Inputs(request);
        var choices = checked(inputs * (int)request.Choices);
        var tokens = (long)request.MaxTokens * choices;
        return new JobShape
        {
            Choices = choices,
            Inputs = inputs,
            InputUnitsMax = PromptUnitsMax(request.CalculateSize(), request.Chat),
            OutputUnitsMax = tokens,
            OutputMax = LinkLimits.CharsFreeMax + (tokens * LinkLimits.CharsPerTokenMax),
            PromptLogprobs = request.HasPromptLogprobs ? (int)request.PromptLogprobs : null,
            Tools = ToolTerms.Of(request.Chat),
            Stops = request.Stop,
        };
    }

    private static int Inputs(TextRequest request) => request.InputCase == TextRequest.InputOneofCase.Prompts ? request.Prompts.Items.Count : 1;

    /// <summary>The images of a chat, in their order.</summary>
    internal static IEnumerable<Image> ImagesOf(Chat? chat) =>
        chat?.Messages.SelectMany(m => m.Parts).Where(p => p.BodyCase == ContentPart.BodyOneofCase.Image).Select(p => p.Image) ?? [];

    /// <summary>Puts files that were fetched in the places of their URLs.</summary>
    /// <returns>The bytes that the prompt has more of them: of pictures it is their pixels that count, of files their text.</returns>
    internal static long PlaceFiles(Chat? chat, Func<string, string?> dataUrlOf)
    {
        long more = 0;
        foreach (var file in FilesOf(chat))
        {
            if (dataUrlOf(file.Data) is not { } here)
                continue;
            more += here.Length;
            file.Data = here;
        }

        return more;
    }

    private static IEnumerable<Attachment> FilesOf(Chat? chat) =>
        chat?.Messages.SelectMany(m => m.Parts).Where(p => p.BodyCase == ContentPart.BodyOneofCase.File).Select(p => p.File) ?? [];

    /// <summary>Tokens that a prompt can have at most: each stands for at least one byte of the request, or is one that the template adds, or one of an image's pixels.</summary>
    internal static long PromptUnitsMax(int requestBytes, Chat? chat) =>
        requestBytes + LinkLimits.TemplateTokensMax + (ImagesOf(chat).Count() * (long)OpenAiLimits.PerImageAllowance);

    private static string? End(ChoiceDone end, IReadOnlyList<string> stops)
    {
        if (end.Finish == ChoiceDone.Types.Finish.Unspecified || !Enum.IsDefined(end.Finish))
            return $"a choice_done with the unknown finish {(int)end.Finish}";
        return end.Stop.Length == 0 || (end.Finish == ChoiceDone.Types.Finish.Stop && stops.Contains(end.Stop)) ? null : "a choice_done with a stop text that the request does not have";
    }

    private static string? Call(ToolCallDelta call, ToolTerms tools)
    {
        if (call.Index >= tools.CallsMax)
            return $"tool call {call.Index}; the request allows {tools.CallsMax} in an answer, counted from 0";
        if (call.Id.Length > 0 && !LinkNames.IsName(call.Id))
            return "a tool call whose id is no name";
        return call.Name.Length > LinkLimits.NameCharsMax ? $"a tool name of {call.Name.Length} characters; the limit is {LinkLimits.NameCharsMax}" : null;
    }
}
