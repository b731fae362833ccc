using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Hosting;

/// <summary>The file <c>credentials.json</c> of a gateway's data folder, and the one beside it that keeps the keys while no gateway runs.</summary>
internal sealed class CredentialsFile
{
    private const string LastName = "credentials.last.json";

    private readonly string _dataFolder;

    private CredentialsFile(string dataFolder) => _dataFolder = dataFolder;

    /// <summary>The credentials of the last run; null when there was none.</summary>
    public Credentials? Last { get; private init; }

    private string Current => Credentials.PathIn(_dataFolder);

    private string Aside => Path.Combine(_dataFolder, LastName);

    /// <summary>Takes the file of the last run away, which a gateway that was killed has left, and remembers what it said.</summary>
    public static CredentialsFile SetAside(string dataFolder)
    {
        CredentialsFile file = new(dataFolder);
        file.Withdraw();
        return new CredentialsFile(dataFolder) { Last = Credentials.Read(file.Aside) };
    }

    /// <summary>Gives the file back to the gateway that turned out to be running.</summary>
    public void PutBack()
    {
        if (File.Exists(Aside))
            File.Move(Aside, Current, overwrite: true);
    }

    /// <summary>Says that a gateway can answer, and how.</summary>
    public void Publish(Credentials credentials)
    {
        credentials.Save(_dataFolder);
        File.Delete(Aside);
    }

    /// <summary>Says that no gateway can answer any more; the keys are kept for the next one.</summary>
    public void Withdraw()
    {
        if (File.Exists(Current))
            File.Move(Current, Aside, overwrite: true);
    }
}
