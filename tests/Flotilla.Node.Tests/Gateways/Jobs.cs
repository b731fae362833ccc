using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Gateways;

/// <summary>Frames that a gateway sends about jobs.</summary>
internal static class Jobs
{
    public const string Model = "scripted-1";

    public static readonly ByteString Salt = ByteString.CopyFrom([.. Enumerable.Range(0, LinkLimits.SaltBytes).Select(i => (byte)i)]);

    public static TextRequest Chat(string prompt = "hi", uint maxTokens = 100, uint choices = 1) => new()
    {
        Chat = new Chat { Messages = { new Message { Role = "user", Content = prompt } } },
        MaxTokens = maxTokens,
        Choices = choices,
    };

    public static TextRequest ChatWithTool()
    {
        var request = Chat();
        request.Chat.Tools.Add(new Tool { Name = "f", Parameters = "{}" });
        return request;
    }

    public static Job Job(string id = "job_1", TextRequest? request = null, uint attempt = 1, string model = Model, uint windowBytes = LinkLimits.WindowBytes, uint deadlineMs = 0)
    {
        var bytes = (request ?? Chat()).ToByteString();
        return new Job
        {
            JobId = id,
            Attempt = attempt,
            Model = model,
            Kind = Protocol.Link.Job.Types.Kind.Text,
            Request = bytes,
            RequestBytes = (uint)bytes.Length,
            Seed = ulong.MaxValue,
            WindowBytes = windowBytes,
            DeadlineMs = deadlineMs,
            Salt = Salt,
        };
    }

    public static GatewayFrame Frame(Job job) => new() { Job = job };

    public static GatewayFrame Cancel(string id = "job_1", uint attempt = 1) => new() { Cancel = new Cancel { JobId = id, Attempt = attempt } };

    public static GatewayFrame Credit(uint bytes, string id = "job_1", uint attempt = 1) => new() { Credit = new Credit { JobId = id, Attempt = attempt, Bytes = bytes } };
}
