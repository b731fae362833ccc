namespace Flotilla.Core.Tests;

public sealed class PrivateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-core-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_NewFile_HasMode600AndTheText()
    {
        var path = Path.Combine(_folder, "new", "credentials.json");
        PrivateFile.Write(path, "{\"é\":1}");
        Assert.Equal("{\"é\":1}", File.ReadAllText(path));
        AssertPrivate(path);
    }

    [Fact]
    public void Write_OverAnOpenFile_ReplacesItAndItsMode()
    {
        var path = Path.Combine(_folder, "credentials.json");
        File.WriteAllText(path, "old and longer");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        PrivateFile.Write(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        AssertPrivate(path);
    }

    [Fact]
    public void Write_AfterACrashThatLeftATemporaryFile_Succeeds()
    {
        var path = Path.Combine(_folder, "credentials.json");
        File.WriteAllText(path + ".new", "half");
        PrivateFile.Write(path, "whole");
        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    private static void AssertPrivate(string path)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }
}
