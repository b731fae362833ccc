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

    [Fact]
    public async Task Videos_and_other_answers_each_have_their_own_time()
    {
        var time = new ManualTimeProvider();
        var options = new GatewayOptions { DataFolder = _folder, VideosKept = TimeSpan.FromHours(2) };
        await using var state = StateStore.Open(_folder);
        var deliveries = new DeliveryTable(state, SystemIdSource.Instance);
        var requests = new DeferredTable(state, deliveries, options);
        var (video, chat) = (Request("req_video", time.GetUtcNow(), about: "{}"), Request("req_chat", time.GetUtcNow(), about: null));
        Assert.True(await requests.TryAddAsync(video, new byte[1], 1));
        Assert.True(await requests.TryAddAsync(chat, new byte[1], 1));
        await using (var file = requests.BeginAnswer(video.Id))
        {
            await file.WriteAsync(new byte[10], TestContext.Current.CancellationToken);
            await file.FinishAsync();
            Assert.True(await requests.FinishAsync(Answered(video, time), file, []));
        }

        Assert.True(await requests.FinishAsync(Answered(chat, time), new byte[100_000], []));
        Assert.Equal((2, 100_012L), state.Read(db => Stored.Of(db, Owner.Value, Stored.Requests)));
        var files = new FileTable(state, options);
        using var housekeeping = new Housekeeping(requests, files, new AnswerBook(state, options, time), deliveries, time, NullLogger<Housekeeping>.Instance);

        time.Advance(TimeSpan.FromHours(3));
        await housekeeping.SweepAsync();
        Assert.Null(requests.Find(Owner, video.Id));
        Assert.NotNull(requests.Find(Owner, chat.Id));
        Assert.Equal((1, 100_001L), state.Read(db => Stored.Of(db, Owner.Value, Stored.Requests)));
        Assert.Equal(["req_chat-answer"], Directory.GetFiles(Path.Combine(_folder, "bodies")).Select(Path.GetFileName));

        time.Advance(TimeSpan.FromHours(22));
        await housekeeping.SweepAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "bodies")));
    }

    private static DeferredRow Request(string id, DateTimeOffset now, string? about) => new()
    {
        Id = id, NamespaceId = Owner.Value, KeyId = "key_1", Path = "/v1/x", ContentType = "application/json", Headers = "{}", Priority = DeferredPriority.Normal,
        CreatedMs = now.ToUnixTimeMilliseconds(), ExpiresMs = now.ToUnixTimeMilliseconds(), JobId = "job_1", About = about,
    };

    private static DeferredRow Answered(DeferredRow row, TimeProvider time) =>
        row with { Status = DeferredStatus.Completed, FinishedMs = time.GetUtcNow().ToUnixTimeMilliseconds(), HttpStatus = 200, AnswerHeaders = "{}" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
