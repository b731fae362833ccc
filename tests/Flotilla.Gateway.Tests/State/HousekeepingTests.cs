using Flotilla.Core;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Webhooks;
using Flotilla.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Gateway.Tests.State;

public sealed class HousekeepingTests : IDisposable
{
    private static readonly NamespaceId Owner = new("ns_1");
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-housekeeping-").FullName;

    [Fact]
    public async Task One_round_forgets_all_that_is_old_and_frees_its_bytes()
    {
        const int Files = (2 * StateLimits.SweptAtOnceMax) + 1;
        const int Answers = (2 * StateLimits.IdempotentAnswersSweptAtOnce) + 1;
        var time = new ManualTimeProvider();
        var options = new GatewayOptions { DataFolder = _folder };
        await using var state = StateStore.Open(_folder);
        var files = new FileTable(state, options);
        var answers = new AnswerBook(state, options, time);
        var old = Enumerable.Range(0, Files).Select(i => new FileRow
        {
            Id = $"file-{i}", NamespaceId = Owner.Value, Filename = "x", Purpose = "batch", Bytes = 1, CreatedMs = 0, ExpiresMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
        Assert.All(await Task.WhenAll(old.Select(files.TryAddAsync)), Assert.True);
        for (var i = 0; i < Answers; i++)
        {
            var key = $"k-{i}";
            await answers.BeginAsync(Owner, key, new byte[32], new JobId($"job_{i}"), new RequestId($"req_{i}"), instead: null);
            await answers.KeepAsync(Owner, key, 200, "", new byte[10]);
        }

        Assert.Equal((Answers, 10L * Answers), state.Read(db => Stored.Of(db, Owner.Value, Stored.Answers)));
        time.Advance(StateLimits.IdempotencyAge + TimeSpan.FromMilliseconds(1));
        await answers.BeginAsync(Owner, "young", new byte[32], new JobId("job_young"), new RequestId("req_young"), instead: null);
        var deliveries = new DeliveryTable(state, SystemIdSource.Instance);
        using var housekeeping = new Housekeeping(new DeferredTable(state, deliveries, options), files, answers, deliveries, time, NullLogger<Housekeeping>.Instance);
        await housekeeping.SweepAsync();

        Assert.Equal((0, 0), state.Read(db => Stored.Of(db, Owner.Value, Stored.Files)));
        Assert.Equal((1, 0), state.Read(db => Stored.Of(db, Owner.Value, Stored.Answers)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
