using Flotilla.Testing;

namespace Flotilla.Core.Tests;

public sealed class SigningKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-core-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FromSeed_WrongLength_NamesBothLengths()
    {
        var error = Assert.Throws<ArgumentException>(() => SigningKey.FromSeed(new byte[31]));
        Assert.Contains("32", error.Message, StringComparison.Ordinal);
        Assert.Contains("31", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOrCreate_NewFile_MakesAKeyThatStays()
    {
        var path = Path.Combine(_folder, "deep", "node.key");
        var made = SigningKey.LoadOrCreate(path, new CountingIdSource());
        var loaded = SigningKey.LoadOrCreate(path, new CountingIdSource());
        Assert.Equal(made.PublicKey.ToArray(), loaded.PublicKey.ToArray());
        Assert.True(Ed25519.Verify(made.PublicKey, [1], loaded.Sign([1])));
    }

    [Fact]
    public void LoadOrCreate_NewFile_IsForItsOwnerAlone()
    {
        var path = Path.Combine(_folder, "node.key");
        SigningKey.LoadOrCreate(path, SystemIdSource.Instance);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0011")]
    [InlineData("zz61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")]
    public void LoadOrCreate_FileOfSomethingElse_IsRefusedAndKept(string content)
    {
        var path = Path.Combine(_folder, "node.key");
        File.WriteAllText(path, content);
        var error = Assert.Throws<InvalidDataException>(() => SigningKey.LoadOrCreate(path, SystemIdSource.Instance));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public async Task Sign_ManyThreads_AllSignaturesAreTheSame()
    {
        var key = SigningKey.FromSeed(new byte[32]);
        var expected = key.Sign([9]);
        var signatures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 50).Select(_ => key.Sign([9])).ToList(), TestContext.Current.CancellationToken)));
        Assert.All(signatures.SelectMany(s => s), s => Assert.Equal(expected, s));
    }
}
