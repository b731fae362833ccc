using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A guard's words as a moderation.</summary>
internal sealed class GuardWholeRenderer(InferenceRequest request, AnswerHead head) : IWholeRenderer
{
    private readonly StringBuilder _text = new();

    /// <inheritdoc />
    public ApiError? Fault => GuardAnswer.Read(_text.ToString()) is null
        ? new ApiError(ApiErrorCode.NoVerdict, "The guard model answered neither 'safe' nor 'unsafe' to this text, so there is no verdict. What the model did is charged.")
        : null;

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Text)
            _text.Append(item.Text.Text_);
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output) => ModerateWholeRenderer.Write(head, [GuardAnswer.Read(_text.ToString())!], request.Images.Any(), output);
}
