using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Core;

namespace Flotilla.Cli.Settings;

/// <summary>How to reach the gateway that ran last in a data folder: <c>credentials.json</c>, readable by its owner alone.</summary>
/// <param name="BaseUrl">What an SDK takes as its base URL, such as <c>http://127.0.0.1:8080/v1</c>.</param>
/// <param name="ApiKey">A key of the first namespace, <c>sk-flt-…</c>.</param>
/// <param name="AdminKey">The admin key, <c>ak-flt-…</c>.</param>
internal sealed record Credentials(string BaseUrl, string ApiKey, string AdminKey)
{
    private const string FileName = "credentials.json";

    /// <summary>Reads the file; null when there is none or when it is not ours.</summary>
    public static Credentials? Find(string dataFolder) => Read(PathIn(dataFolder));

    /// <summary>Reads a file of this form; null when there is none or when it is not ours.</summary>
    public static Credentials? Read(string path)
    {
        try
        {
            var found = JsonSerializer.Deserialize(File.ReadAllBytes(path), CredentialsJson.Default.Credentials);
            return found is { BaseUrl: not null, ApiKey: not null, AdminKey: not null } ? found : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, FileName);

    /// <summary>Writes the file whole or not at all.</summary>
    public void Save(string dataFolder) => PrivateFile.Write(PathIn(dataFolder), JsonSerializer.Serialize(this, CredentialsJson.Default.Credentials) + "\n");

    /// <summary>The address alone, so that no log line can show a key.</summary>
    public override string ToString() => $"Credentials of {BaseUrl}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Credentials))]
internal sealed partial class CredentialsJson : JsonSerializerContext;
