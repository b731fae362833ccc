using System.IO.Pipelines;
using Flotilla.Core;
using Flotilla.Gateway.Idempotency;
using Flotilla.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.Gateway.Tests.Requests;

public sealed class SlowRepeatTests
{
    [Fact]
    public async Task Who_asks_for_an_answer_and_does_not_read_it_is_cut_off()
    {
        var time = new ManualTimeProvider();
        var socket = new Pipe(new PipeOptions(pauseWriterThreshold: 1_024, resumeWriterThreshold: 512, useSynchronizationContext: false));
        using var aborted = new CancellationTokenSource();
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(socket.Writer.AsStream()));
        http.Features.Set<IHttpRequestLifetimeFeature>(new Lifetime(aborted));
        var execution = new Execution(new byte[32]);
        execution.Replay(200, new KeptAnswer(new byte[32], new JobId("job_1"), null, 200, "", new byte[2 * GatewayLimits.RepeatWriteBytes]));

        var copying = execution.CopyToAsync(http, repeat: true, time);
        Assert.False(copying.IsCompleted);
        time.Advance(GatewayLimits.SlowReaderTimeout);
        await copying;

        Assert.True(aborted.IsCancellationRequested);
    }

    private sealed class Lifetime(CancellationTokenSource aborted) : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; } = aborted.Token;

        public void Abort() => aborted.Cancel();
    }
}
