using System.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class WebhookReaderTests
{
    private const int Mutations = 5_000;
    private const string Body =
        """{"url":"https://hooks.example/é\u2028","events":["job.*","batch.completed","job.*"],"models":["a","b:é","a"],"secret":"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX","credit_threshold":"12.5"}""";

    [Fact]
    public void TryRead_EveryField_IsKeptOnce()
    {
        Assert.Null(WebhookRequestReader.TryRead(Encoding.UTF8.GetBytes(Body), out var request));
        Assert.Equal("https://hooks.example/é\u2028", request!.Url);
        Assert.Equal(["job.*", "batch.completed"], request.Events);
        Assert.Equal(["a", "b:é"], request.Models);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (byte)i), request.Secret);
        Assert.Equal("12.5", request.CreditThreshold.ToString());
    }

    [Fact]
    public void TryRead_AnyMutationOfAValidBody_AnswersAndNeverThrows()
    {
        var random = new Random(20261120);
        var accepted = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var body = Mutation.Of(Encoding.UTF8.GetBytes(Body), random);
            var error = WebhookRequestReader.TryRead(body, out var request);
            Assert.NotEqual(error is null, request is null);
            Assert.Equal(400, error?.Status ?? 400);
            accepted += error is null ? 1 : 0;
        }

        Assert.InRange(accepted, Mutations / 100, Mutations);
    }

    [Theory]
    [InlineData("job.completed", "job.completed", true)]
    [InlineData("job.completed", "job.failed", false)]
    [InlineData("job.*", "job.failed", true)]
    [InlineData("job.*", "batch.failed", false)]
    [InlineData("*", "credit.low", true)]
    public void Matches_AFilterAndAnEvent_AsDocumented(string filter, string type, bool matches) => Assert.Equal(matches, WebhookEventTypes.Matches(filter, type));

    [Fact]
    public void Filters_HaveEveryEventAndFamily() =>
        Assert.Equal([.. WebhookEventTypes.All, "job.*", "request.*", "response.*", "batch.*", "credit.*", "*"], WebhookEventTypes.Filters);
}
