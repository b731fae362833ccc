using Flotilla.Protocol.Link;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// Who of a job's choices speaks when, where it asks for log probabilities of its prompts: the first choice of each prompt tells
/// them, and the others wait until all are told.
/// </summary>
internal sealed class PromptTurns(RunRequest job)
{
    private readonly (TaskCompletionSource Told, int Left)[] _prompts = job.Shape.PromptLogprobs is null
        ? []
        : [.. Enumerable.Range(0, job.Shape.Inputs).Select(_ => (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0))];

    private long _logprobs;

    /// <summary>Waits for the choice's turn.</summary>
    public Task WaitAsync(int choice, CancellationToken ct) =>
        _prompts.Length == 0 || choice % job.Shape.ChoicesPerInput == 0 ? Task.CompletedTask : _prompts[choice / job.Shape.ChoicesPerInput].Told.Task.WaitAsync(ct);

    /// <summary>A prompt has so many tokens.</summary>
    /// <exception cref="RunRefusedException">They make more log probabilities than an answer can hold.</exception>
    public void Begin(int choice, int promptTokens)
    {
        if (_prompts.Length == 0)
            return;
        _prompts[choice / job.Shape.ChoicesPerInput].Left = promptTokens;
        var count = Interlocked.Add(ref _logprobs, job.Shape.LogprobsOf(promptTokens));
        if (count <= LinkLimits.PromptLogprobsMax)
            return;
        throw new RunRefusedException(new RunFailure(
            Code.InvalidRequest,
            $"The prompts' tokens, with their alternatives and in each completion, make {count} log probabilities; at most {LinkLimits.PromptLogprobsMax} are told. Ask for fewer alternatives or completions, or for a part of the prompt.",
            Retryable: false)
        {
            Param = "prompt_logprobs", Limit = (ulong)LinkLimits.PromptLogprobsMax, Value = (ulong)count,
        });
    }

    /// <summary>So many of them were told.</summary>
    public void Tell(int choice, int tokens)
    {
        ref var prompt = ref _prompts[choice / job.Shape.ChoicesPerInput];
        prompt.Left -= tokens;
        if (prompt.Left == 0)
            prompt.Told.SetResult();
    }
}
