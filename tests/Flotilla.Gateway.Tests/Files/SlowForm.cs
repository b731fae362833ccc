using System.Net;
using System.Text;

namespace Flotilla.Gateway.Tests.Files;

/// <summary>An upload that halts between its file and its purpose.</summary>
internal sealed class SlowForm : HttpContent
{
    private const string Part = "--b\r\nContent-Disposition: form-data; name=";
    private readonly string _file;
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlowForm(string file)
    {
        _file = file;
        Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
    }

    /// <summary>Ends when the file is on its way.</summary>
    public Task Sent => _sent.Task;

    public void GoOn() => _goOn.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Part}\"file\"; filename=\"b\"\r\n\r\n{_file}\r\n--b\r\n"));
        await stream.FlushAsync();
        _sent.SetResult();
        await _goOn.Task;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Part[5..]}\"purpose\"\r\n\r\nuser_data\r\n--b--\r\n"));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
