using System.Text.Json;

namespace Flotilla.GatewayBench;

/// <summary>What a gateway writes when it can answer.</summary>
internal sealed record Credentials(string BaseUrl, string Key, string AdminKey)
{
    /// <summary>Waits for the file.</summary>
    public static async Task<Credentials> ReadAsync(string data)
    {
        var path = Path.Combine(data, "credentials.json");
        while (!File.Exists(path))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        var root = file.RootElement;
        return new Credentials(root.GetProperty("base_url").GetString()!, root.GetProperty("api_key").GetString()!, root.GetProperty("admin_key").GetString()!);
    }
}
